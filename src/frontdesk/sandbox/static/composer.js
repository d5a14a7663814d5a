// Where a customer writes: text, files by picker, drop and paste, voice notes, places.

import { askForPlace } from "./place.js";
import { Tray } from "./tray.js";
import { Recorder } from "./voice.js";

export class Composer {
  /** `phone` is asked for `channel`, `form()`, `say(text, fields)` and told by `took(message)`
   * and `complain(text)`. */
  constructor(phone, node) {
    this.phone = phone;
    this.node = node;
    const find = (name) => node.querySelector(`.${name}`);
    this.form = find("composer");
    this.text = find("text");
    this.attach = find("attach");
    this.menu = find("menu");
    this.picker = find("picker");
    this.tray = new Tray(find("tray"), {
      form: () => phone.form(),
      sent: (message) => phone.took(message),
      changed: () => this.dress(),
    });
    this.recorder = new Recorder(find("recording"), {
      done: (file) => this.sendVoice(file),
      failed: (text) => phone.complain(text),
      changed: (on) => {
        this.form.hidden = on;
        if (!on) this.text.focus();
      },
    });
    find("mic").addEventListener("click", () => {
      phone.complain("");
      if (this.ready()) this.recorder.start();
    });
    this.write();
    this.choose();
    this.receive();
    this.dress();
  }

  /** The number in the field is wrong: the last right one must not write in its place. */
  ready() {
    if (this.text.disabled) this.node.querySelector(".from").focus();
    return !this.text.disabled;
  }

  dress() {
    const sms = this.phone.channel === "sms";
    const files = !this.tray.empty;
    this.text.placeholder = files && this.tray.captions(this.phone) ? "Add a caption" : sms ? "Text message" : "Message";
    this.form.classList.toggle("full", files || this.text.value.trim() !== "" || sms);
    this.attach.disabled = this.text.disabled;
    this.node.querySelector(".mic").disabled = this.text.disabled;
  }

  write() {
    this.text.setAttribute("aria-label", "Message");
    this.text.addEventListener("input", () => this.grow());
    this.text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.form.requestSubmit();
    });
    this.form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const text = this.text.value;
      if ((!text.trim() && this.tray.empty) || !this.ready()) return;
      this.text.value = "";
      this.grow();
      this.text.focus();
      await this.send(text);
      this.grow();
    });
  }

  async send(text) {
    let left = text;
    if (!this.tray.empty) {
      this.phone.complain("");
      left = await this.tray.send(text, this.phone);
    }
    // What could not be sent comes back, unless something else is being written by now.
    if (left.trim() && !(await this.phone.say(left)) && !this.text.value) this.text.value = left;
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight}px`;
    this.dress();
  }

  choose() {
    const toggle = (open) => {
      this.menu.hidden = !open;
      this.attach.setAttribute("aria-expanded", String(open));
      if (open) this.menu.querySelector("button").focus();
    };
    this.attach.addEventListener("click", () => this.ready() && toggle(this.menu.hidden));
    this.node.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.menu.hidden) return;
      toggle(false);
      this.attach.focus();
    });
    this.node.addEventListener("focusout", (event) => {
      const inside = this.menu.contains(event.relatedTarget) || this.attach.contains(event.relatedTarget);
      if (!inside && event.relatedTarget) toggle(false);
    });
    this.node.addEventListener("pointerdown", (event) => {
      if (!this.menu.contains(event.target) && !this.attach.contains(event.target)) toggle(false);
    });
    for (const button of this.menu.querySelectorAll("[data-as]")) {
      button.addEventListener("click", () => {
        toggle(false);
        this.picker.accept = button.dataset.accept ?? "";
        this.as = button.dataset.as;
        this.picker.click();
      });
    }
    this.picker.addEventListener("change", () => {
      this.take(this.picker.files, this.as);
      this.picker.value = "";
    });
    this.menu.querySelector(".menu-place").addEventListener("click", async () => {
      toggle(false);
      const fields = await askForPlace();
      if (fields) await this.phone.say("", fields);
      this.text.focus();
    });
  }

  take(files, as) {
    if (!files.length || !this.ready()) return;
    this.tray.add(files, as);
    this.text.focus();
  }

  receive() {
    this.text.addEventListener("paste", (event) => {
      if (!event.clipboardData?.files.length) return;
      event.preventDefault();
      this.take(event.clipboardData.files, "");
    });
    let over = 0;
    const held = (event) => event.dataTransfer?.types.includes("Files");
    const show = () => this.node.classList.toggle("dropping", over > 0);
    this.node.addEventListener("dragenter", (event) => {
      if (!held(event)) return;
      over += 1;
      show();
    });
    this.node.addEventListener("dragleave", (event) => {
      if (!held(event)) return;
      over = Math.max(0, over - 1);
      show();
    });
    this.node.addEventListener("dragover", (event) => held(event) && event.preventDefault());
    this.node.addEventListener("drop", (event) => {
      if (!held(event)) return;
      event.preventDefault();
      over = 0;
      show();
      this.take(event.dataTransfer.files, "");
    });
  }

  /** A voice note does not wait in the tray for other files. */
  async sendVoice(file) {
    this.tray.add([file], "voice");
    const item = this.tray.items.at(-1);
    if (item.state === "ready") await this.tray.deliver(item);
  }
}
