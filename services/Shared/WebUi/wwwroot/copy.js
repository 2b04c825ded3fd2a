// Copies the text of the element that data-copy names. Without this script, or without a clipboard (a page over plain http), the button stays
// hidden and the text can be selected.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const status = button.parentElement.querySelector("[data-copy-status]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(source.textContent.trim());
        if (status) {
          status.textContent = button.dataset.copied;
        }
      } catch {
        // Not allowed: select it, so that one key press copies it.
        getSelection().selectAllChildren(source);
        source.focus();
      }
    });
  }
}
