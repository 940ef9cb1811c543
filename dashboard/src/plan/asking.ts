// A plan as the server tells it, and how others are asked for.
import { post, projectAt, type Problem } from "../api";
import { go, to } from "../place";

export interface Plan {
  id: string;
  state: string;
  target: string;
  about: string;
  before: string | null;
  saved: string | null;
  revises: string | null;
  resumes: boolean;
  args: unknown;
  options: Record<string, any>;
  choices: Record<string, string>;
  source: string | null;
  said: string[];
  plan: any;
  error: Problem | null;
  run: string | null;
}

/** Have a plan made, and go to its page. */
export async function planned(project: string, body: Record<string, unknown>): Promise<void> {
  const made = await post<{ id: string }>(`${projectAt(project)}/plans`, body);
  go(to("plan", project, made.id));
}

/** What has the same planned once more, under other options. */
export function again(plan: Plan, options: Record<string, unknown> = plan.options, choices = plan.choices): Record<string, unknown> {
  if (plan.resumes) return { resume: plan.target, options, choices };
  if (plan.saved !== null) return { harness: plan.saved, args: plan.args, options };
  if (plan.source !== null) return { source: plan.source, edit: plan.id, options };
  return { task: plan.target, options };
}
