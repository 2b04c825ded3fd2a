// Waits until somebody came to the bot with the link of this page, and goes on to the page that says who it was.
const waiting = document.getElementById("chat-link");
const interval = 2000;

async function look() {
  if (!document.hidden) {
    try {
      const response = await fetch(waiting.dataset.state, { headers: { Accept: "application/json" }, redirect: "error" });
      if (response.ok && (await response.json()).state !== "waiting") {
        location.assign(waiting.dataset.next);
        return;
      }
    } catch {
      // The network may be back the next time; the link on the page works without this.
    }
  }
  setTimeout(look, interval);
}

if (waiting) {
  setTimeout(look, interval);
}
