// When what has changed is drawn: once for each frame that the browser shows, however often it has changed until then.
import { options } from "preact";

// A page that cannot be seen has no frames; its title is to change all the same.
options.debounceRendering = (draw) => (document.hidden ? setTimeout(draw) : requestAnimationFrame(draw));
