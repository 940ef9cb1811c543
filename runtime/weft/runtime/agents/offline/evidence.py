"""The general words of English that decide what a clause says of its matter: denied, forbidden, due, alone, formerly.

Patterns only; none belongs to a subject. What follows from them is decided in `readings`, `scopes` and `clashes`.
"""

from __future__ import annotations

import re

__all__ = [
    "ALTOGETHER",
    "ASIDE",
    "ASIDE_OF_ALL",
    "CLAUSE_ENDS",
    "COMPONENTS",
    "CONDITION",
    "DAYS_NAMED",
    "DELAYS",
    "EDITION",
    "EMBEDDED",
    "FORBIDS",
    "FREES",
    "HEDGED",
    "KEPT",
    "LOCATES",
    "LOST",
    "MODAL",
    "NEGATION",
    "OBLIGES",
    "OF_ALL",
    "ONLY",
    "PERMITS",
    "PHRASES",
    "PLACE",
    "POINTING",
    "POSSIBLE",
    "REPORTED",
    "SCOPED",
    "SETTING",
    "SOME",
    "WHATEVER",
    "WITHDRAWN",
]


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b", re.IGNORECASE)


MODAL = frozenset(
    """
    may can could might must shall should will would need needs needed have has had allowed allow allows permitted
    permit forbidden forbid prohibited prohibit banned ban welcome required require requires mandatory compulsory
    obligatory optional voluntary necessary unnecessary always never not no nothing nobody none cannot neither nor
    without only solely alone exclusively any anybody anyone anything every everybody everyone everything all each
    ever whatever whenever wherever whoever whichever don't doesn't didn't isn't aren't wasn't won't can't mustn't
    shouldn't needn't wouldn't fine ok okay please mr mrs ms dr dear re
    """.split()
)
"""Words that say whether, how far and to whom, but not of what."""

CLAUSE_ENDS = re.compile(
    r"[,;:()]\s|\s[-–—]+\s|\s(?=(?:but|because|so that|while|although|whereas|unless|except|otherwise)\b)"
    r"|\s(?=and (?:\w+ ){0,2}(?:is|are|was|may|must|can|will|has|have|he|she|it|they|we|you)\b)"
)
"""Where one thing said ends and the next begins."""

# ------------------------------------------------------------------------------------------------ whether at all

NEGATION = re.compile(
    r"\b(?:no|not|never|nothing(?! (?:else|but|except)\b)|none|nobody|nowhere|neither|nor|cannot|no one|"
    r"hardly|forbidden|prohibited|banned|disallowed|impossible|unable|lacks?|against|rejected|turned down|"
    r"ruled out)\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)
OF_ALL = frozenset({"no", "nothing", "nobody", "none", "no one", "neither"})
"""Denials that are said of all there is."""

WHATEVER = _words("whatever|everything|anything|all|every|each|any|nothing|none|empty|entire|whole|full")
ALTOGETHER = _words(
    "no|never|nothing|nobody|none|nowhere|no one|any|anybody|anything|ever|not even|at all",
    "at all times|at any time|always",
    "turned down|rejected|ruled out",
)
"""Whether something is denied without a rest."""

EMBEDDED = re.compile(
    r"\b(?:check|sure|ensure|whether|that|who|which|see|verify|during which|if|when|why)(?: \w+){0,2} $", re.IGNORECASE
)
"""What stands before a denial that is not said of the matter itself, as in "make sure that nobody …"."""

WITHDRAWN = re.compile(
    r"(?:^|› )(?:removed|rejected|dropped|discontinued|withdrawn|out of scope|not (?:included|allowed|permitted)|"
    r"forbidden|prohibited|don'ts?)\b[^›]{0,30}(?: ›|$)",
    re.IGNORECASE,
)
"""Headings under which stands what is given up or not allowed."""

# ------------------------------------------------------------------------------------------------ may, must, need not

FORBIDS = re.compile(
    r"\b(?:must|may|shall|can|could|should)(?:\s?not|n['’]t)\b|\bcannot\b|\bnot (?:be )?(?:allowed|permitted)\b"
    r"|\b(?:forbidden|prohibited|banned|disallowed)\b",
    re.IGNORECASE,
)
FREES = re.compile(
    r"\b(?:optional|voluntary|unnecessary)\b|\b(?:not|n['’]t|never|no)\s(?:\w+\s)?(?:required|needed|necessary|mandatory|"
    r"compulsory|obligatory|need|have to|obliged|reason|problem|matter)\b|\bneed(?:n['’]t| not)\b",
    re.IGNORECASE,
)
OBLIGES = _words(
    "must|has to|have to|required|requires?|mandatory|compulsory|obligatory|obliged|shall",
    r"needs? (?:to|the|an?(?! (?:little|few|while|bit|lot)\b))",
)
PERMITS = _words("may|can|could|allowed|permitted|welcome|free to|feel free|fine|ok|okay|possible|able")
ONLY = _words("only|solely|exclusively|none but|alone|nobody else|no one else|and no other")

# ------------------------------------------------------------------------------------------------ when and for whom

CONDITION = _words("unless|except|exception|if|in case|when|whenever|once|provided|during|while|apart from|but for")
HEDGED = _words("often|usually|normally|typically|sometimes|mostly|on average|generally")
POSSIBLE = _words(
    "might|could|would|may|can|perhaps|maybe|possibly|probably|likely|unlikely|should|hopefully|presumably"
)
"""What makes of a fact a possibility, a permission or a wish."""
SOME = _words("some|most|many|few|half|part of|partly|several|a number of")
REPORTED = re.compile(
    r"\b(?:believ|think|thought|claim|suspect|hop|fear|assum|suppos|guess|argu|alleg|rumou?r|pretend|wonder|doubt|"
    r"imagin|feel|felt|expect|impression|sa(?:y|id)|tell|told|ask|heard?|read|report|suggest|propos|wish|want)\w*"
    r"(?: \w+){0,2} (?:that|whether|if)\b"
    r"|\b(?:allegedly|supposedly|reportedly|rumou?r has it|according to|in (?:his|her|their|my) (?:view|opinion))\b"
    r"|\b(?:believe|believes|believed|think|thinks|thought|claims?|claimed) (?:the|it|they|we|he|she|this|all|no)\b"
    r"|\bit is (?:false|wrong|untrue|not true|a myth)\b",
    re.IGNORECASE,
)
"""How it is said that somebody believes, wishes or says something, or that it is not so."""
POINTING = _words(
    "next|last|latest|previous|following|today|tomorrow|yesterday|ago|changed|updated|revised|reviewed|signed|written"
)
"""What a time is counted from, or said of the document itself: both differ from document to document."""

EDITION = re.compile(r"\b(?:before|after|prior to|in|with|from) (?:release|version) ?v?(\d[\d.]*\d|\d)", re.IGNORECASE)
"""A release for which something is said."""

SCOPED = re.compile(
    r"\b(?:before|prior to) (?:release|version) ?v?\d"
    r"|\b(?:until|since|as of) (?:(?:release|version|the \w+ quarter|early|late|mid) ?|v?\d+\.\d|\d{4}|"
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\b)"
    r"|\b(?:used to|formerly|previously|until now|up to now|so far|originally|in the past|at first|plans? to|"
    r"planned for|(?:is|are|was|were) planned|supposed to|going to|roadmap|proposed|proposal|from now on|"
    r"coming (?:in|soon)|at present|currently|next version|not yet|was .{1,30} now|dropped|exceptions?|"
    r"no longer|instead|(?:changed|raised|lowered|increased|reduced) (?:from|to)|(?:up|down) from|"
    r"exempt(?:ed)?|the old|example|e\.g\.|for instance|"
    r"suppose|(?:for|since) \w+ (?:weeks|months|years) now)\b",
    re.IGNORECASE,
)
"""Said of the past, a plan, a release or an example: what is said without that can hold at the same time."""

SETTING = _words(
    "at night|overnight|by day|during the day|in the daytime|staging|production|development|test environment|sandbox",
    "summer|winter|adults?|children",
)
"""Surroundings for which something holds."""

ASIDE = _words("test (?:machine|server|system|environment|instance)|sandbox|dry run|demo|trial")
"""Where something is tried out: what holds there need not hold elsewhere."""

ASIDE_OF_ALL = _words("test (?:machine|server|system|environment|instance)|sandbox|dry run|demo|trial|staging")
"""The same in what stands above a statement."""

COMPONENTS = _words(
    "(?:agent|server|client|worker|coordinator|leader|follower|node|console|editor|gateway|broker|proxy|replica)s?"
)
"""Parts of a system."""

DAYS_NAMED = (
    (_words("weekdays?|(?:on|all) working days|workdays"), range(5)),
    (_words("weekends?"), range(5, 7)),
    (_words("every day|daily|all week|seven days a week|any day|day and night|24/7|all year round"), range(7)),
)
"""Words for several days of the week, each with the days from 0 for Monday."""

# ------------------------------------------------------------------------------------------------ where

LOCATES = _words(
    r"(?:is|are|was) (?:now )?(?=(?:in|at|on|under|behind|outside|inside|next)\b)|stands?|hangs?|lies?|kept|held",
    "meets?|takes? place|located|runs?|stored|sits?|stays?|lives?|parks?|parked|hosted|based|leave|left|put|happens?",
    "delivered?|bring|brought|served|found",
)
_NO_PLACE = (
    r"(?!(?:the|a|an|all|any|case|time|order|advance|writing|general|use|least|most|once|which|this|that|it|them)\b)"
)
_GOES_BEYOND = r"(?!(?:and|or|of|by|for|in|at|on|with|to|the|is|are|as|if|when|from|before|after|until|under)\b)"
PLACE = re.compile(
    r"\b(?:in|at|under|behind|outside|inside|next to|on)\s(?:(?:the|a|an|our|my|your|their|its|his|her)\s)?"
    rf"({_NO_PLACE}[a-zA-Z][\w'-]+(?:\s{_GOES_BEYOND}[\w'-]+){{0,2}})"
)

# ------------------------------------------------------------------------------------------------ phrases that exclude

_BEFORE = _words("before|prior to")
_AFTER = _words(r"afterwards|later|only after|first\b.*\bthen|only then")
_WHOLE = _words("full|whole|complete|entire|all|every")
_PART = _words("nothing else|only the|just the|no more than")
_DURABLE = re.compile(
    r"\bdisks?\b|\bdatabase\b|\bpostgres\w*|\bmysql\b|\bobject storage\b|\bbucket\b|\btable\b", re.IGNORECASE
)
_VOLATILE = re.compile(r"(?<!flash )(?<!persistent )\bmemory\b|\bram\b|\bvolatile\b|\bephemeral\b", re.IGNORECASE)
KEPT = re.compile(
    r"\b(?:ke(?:ep|pt)|stor(?:e[sd]?|ing)|sav(?:e[sd]?|ing)|held|hold|retain|preserv|persist|"
    r"stay|remain|surviv|archiv|restor|recover|reload)\w*|\bread back\b|\bstill (?:there|available|present)\b",
    re.IGNORECASE,
)
LOST = re.compile(
    r"\b(?:delet|remov|drop|purg|discard|eras|los[et]|gone|thr[eo]w|forg[eo]t|vanish|expir|empty)\w*"
    r"|\b(?:losing|clear(?:s|ed|ing))\b",
    re.IGNORECASE,
)
DELAYS = re.compile(r"\b(?:after|older than|over|within|in|every)\s(?:about |around |the |a )?$", re.IGNORECASE)
"""What stands before the time after which something is lost."""

PHRASES = ((_BEFORE, _AFTER), (_WHOLE, _PART), (_DURABLE, _VOLATILE), (KEPT, LOST))
"""In which order, all or part, on disk or in memory, kept or lost."""
