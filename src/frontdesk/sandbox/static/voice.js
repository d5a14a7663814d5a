// Records a voice note with the microphone.

import { clock } from "./dom.js";

const REFUSED = {
  NotAllowedError: "The microphone is not allowed here. Allow it for this page in the browser, then try again.",
  NotFoundError: "There is no microphone. Connect one, or attach a sound file.",
  NotReadableError: "Another program uses the microphone. Close it, then try again.",
};

export class Recorder {
  /** `done(file)` gets the recording; `failed(text)` the reason why there is none. */
  constructor(bar, { done, failed, changed }) {
    this.bar = bar;
    this.time = bar.querySelector(".recording-time");
    this.done = done;
    this.failed = failed;
    this.changed = changed;
    bar.querySelector(".recording-cancel").addEventListener("click", () => this.stop(false));
    bar.querySelector(".recording-send").addEventListener("click", () => this.stop(true));
    bar.addEventListener("keydown", (event) => event.key === "Escape" && this.stop(false));
  }

  async start() {
    if (this.recorder || this.starting) return;
    if (!navigator.mediaDevices || !window.MediaRecorder) {
      this.failed("This browser gives the microphone to https pages and this machine's own only.");
      return;
    }
    this.starting = true;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      this.listen(stream);
    } catch (error) {
      this.failed(REFUSED[error.name] ?? `The microphone does not work: ${error.message}`);
    } finally {
      this.starting = false;
    }
  }

  listen(stream) {
    const type = ["audio/webm;codecs=opus", "audio/mp4"].find((one) => MediaRecorder.isTypeSupported(one));
    this.recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
    this.pieces = [];
    this.recorder.addEventListener("dataavailable", (event) => this.pieces.push(event.data));
    this.recorder.addEventListener("stop", () => this.finish(stream));
    this.recorder.start(250);
    const began = Date.now();
    this.time.textContent = clock(0);
    this.ticking = setInterval(() => (this.time.textContent = clock((Date.now() - began) / 1000)), 200);
    this.bar.hidden = false;
    this.changed(true);
    this.bar.querySelector(".recording-send").focus();
  }

  stop(keep) {
    if (!this.recorder) return;
    this.keep = keep;
    this.recorder.stop();
  }

  finish(stream) {
    clearInterval(this.ticking);
    for (const track of stream.getTracks()) track.stop();
    const type = this.recorder.mimeType.split(";")[0] || "audio/webm";
    const content = new Blob(this.pieces, { type });
    this.recorder = null;
    this.bar.hidden = true;
    this.changed(false);
    if (!this.keep) return;
    if (content.size) this.done(new File([content], "Voice note", { type }));
    else this.failed("Nothing was recorded. Speak a little longer.");
  }
}
