// The form for a location: by hand, or the one that the browser tells.

const DENIED = ["", "The location is not allowed here. Allow it for this page, or write it.", "The location is not known. Write it.", "Finding the location took too long. Write it."];

/** Answers webhook fields, or null when nothing is to be sent. */
export function askForPlace() {
  const dialog = document.querySelector("#place-template").content.firstElementChild.cloneNode(true);
  const find = (name) => dialog.querySelector(`[name="${name}"]`);
  const said = dialog.querySelector(".place-said");
  const say = (text) => {
    said.textContent = text;
    said.hidden = !text;
  };
  dialog.querySelector(".place-here").addEventListener("click", () => {
    if (!navigator.geolocation) {
      say("This browser tells no location. Write it.");
      return;
    }
    say("Looking for your location…");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        find("latitude").value = coords.latitude.toFixed(6);
        find("longitude").value = coords.longitude.toFixed(6);
        say("");
        find("label").focus();
      },
      (error) => say(DENIED[error.code] || error.message),
      { timeout: 10_000 },
    );
  });
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    let fields = null;
    dialog.querySelector(".place-cancel").addEventListener("click", () => dialog.close());
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      fields = { Latitude: String(Number(find("latitude").value)), Longitude: String(Number(find("longitude").value)) };
      if (find("label").value.trim()) fields.Label = find("label").value.trim();
      if (find("address").value.trim()) fields.Address = find("address").value.trim();
      dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(fields);
    });
  });
}
