// The bar of a replay.
import { el, fill } from "./dom.js";

export default {
  render({ model, el: root }) {
    root.classList.add("ks-root", "ks-progress");
    const bar = el("div", "ks-progress-bar");
    const track = el("div", { className: "ks-progress-track", role: "progressbar", "aria-label": "Replay", "aria-valuemin": "0", "aria-valuemax": "100" }, bar);
    const text = el("span", { className: "ks-progress-text", role: "status" });
    root.append(track, text);

    function draw() {
      const part = model.get("part");
      const unknown = part < 0;
      root.dataset.state = model.get("state");
      bar.style.width = unknown ? "30%" : `${Math.min(1, part) * 100}%`;
      bar.classList.toggle("ks-unknown", unknown);
      if (unknown) track.removeAttribute("aria-valuenow");
      else track.setAttribute("aria-valuenow", String(Math.round(part * 100)));
      fill(text, model.get("text"));
    }

    model.on("change:part", draw);
    model.on("change:text", draw);
    model.on("change:state", draw);
    draw();
  },
};
