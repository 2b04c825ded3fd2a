// Telegram hands a Mini App its signed data behind the # of the address, where no server sees it. Here it becomes a form of ours.
const field = document.getElementById("telegram-init-data");
const data = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");
if (field && data) {
  field.value = data;
  history.replaceState(null, "", location.pathname + location.search);
  field.form.requestSubmit();
}
