// Copying and saving from a widget.
import { button, el } from "./dom.js";

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea", { value: text, style: { position: "fixed", opacity: "0" } });
    document.body.appendChild(area); // pages without the clipboard permission (VS Code, http) still have the old way
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

/** A button that copies `make()` and says so for a moment. */
export function copyButton(label, hint, make) {
  const node = button(label, hint, async () => {
    await toClipboard(make());
    node.textContent = "copied ✓";
    setTimeout(() => { node.textContent = label; }, 1200);
  });
  return node;
}

/** Offers `content` (text or bytes) to the user as a file. It is never opened in the page. */
export function download(content, name) {
  const address = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
  el("a", { href: address, download: name.replace(/[^\w.-]+/g, "_") }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
