/** A voice note from the microphone: the recording, and how loud it is. */

export type RecorderProblem = "denied" | "missing" | "busy" | "unsupported" | "insecure";

export interface Recording {
  file: File;
  /** Seconds. */
  length: number;
  /** Loudness from 0 to 1, ten a second. */
  levels: number[];
}

/** The first that the browser can make. The server makes of each what the channel takes. */
const TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4", "audio/webm"];
const EXTENSIONS: Record<string, string> = { "audio/ogg": "ogg", "audio/webm": "webm", "audio/mp4": "m4a" };
const EVERY = 100;
/** Seconds. */
export const LONGEST = 15 * 60;

export function problemOf(error: unknown): RecorderProblem {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "busy";
}

/** Why there can be no recording at all; null when there can. */
export function unavailable(): RecorderProblem | null {
  if (!isSecureContext) return "insecure";
  const can = "mediaDevices" in navigator && "MediaRecorder" in window && typeOf() !== undefined;
  return can ? null : "unsupported";
}

const typeOf = () => TYPES.find((type) => MediaRecorder.isTypeSupported(type));

export class VoiceRecorder {
  readonly levels: number[] = [];
  private readonly stream: MediaStream;
  private readonly recorder: MediaRecorder;
  private readonly context: AudioContext;
  private readonly analyser: AnalyserNode;
  private readonly chunks: Blob[] = [];
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly onLevel: (seconds: number) => void;
  private isOver = false;

  /** Asks for the microphone. Raises what `problemOf` explains. `onLevel` is called ten times a second. */
  static async start(onLevel: (seconds: number) => void): Promise<VoiceRecorder> {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true },
    });
    return new VoiceRecorder(stream, onLevel);
  }

  private constructor(stream: MediaStream, onLevel: (seconds: number) => void) {
    this.stream = stream;
    this.onLevel = onLevel;
    this.recorder = new MediaRecorder(stream, { mimeType: typeOf() ?? "", audioBitsPerSecond: 32_000 });
    this.recorder.ondataavailable = (event) => {
      if (event.data.size > 0) this.chunks.push(event.data);
    };
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 2048;
    this.context.createMediaStreamSource(stream).connect(this.analyser);
    this.recorder.start(1000);
    this.timer = setInterval(() => this.measure(), EVERY);
  }

  get seconds(): number {
    return (this.levels.length * EVERY) / 1000;
  }

  get isPaused(): boolean {
    return this.recorder.state === "paused";
  }

  pause(): void {
    if (this.recorder.state === "recording") this.recorder.pause();
  }

  resume(): void {
    if (this.recorder.state === "paused") this.recorder.resume();
  }

  async stop(): Promise<Recording> {
    if (this.recorder.state !== "inactive") {
      const stopped = new Promise((resolve) => this.recorder.addEventListener("stop", resolve, { once: true }));
      this.recorder.stop();
      await stopped;
    }
    this.close();
    const type = this.recorder.mimeType.split(";")[0] ?? "";
    const blob = new Blob(this.chunks, { type: this.recorder.mimeType });
    const stamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
    const file = new File([blob], `voice-note-${stamp}.${EXTENSIONS[type] ?? "webm"}`, { type: this.recorder.mimeType });
    return { file, length: this.seconds, levels: this.levels };
  }

  /** Lets go of the microphone. */
  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.timer);
    if (this.recorder.state !== "inactive") this.recorder.stop();
    for (const track of this.stream.getTracks()) track.stop();
    void this.context.close();
  }

  private measure(): void {
    if (this.recorder.state !== "recording") return;
    const samples = new Float32Array(this.analyser.fftSize);
    this.analyser.getFloatTimeDomainData(samples);
    const loudest = samples.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    this.levels.push(Math.min(1, loudest * 1.6));
    this.onLevel(this.seconds);
  }
}
