/** Two soft tones, made on the spot: no file to load. */

let audio: AudioContext | null = null;

/** Browsers allow sound after the first click or key only: call it from one. */
export function wakeSound(): void {
  if (typeof AudioContext === "undefined") return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") void audio.resume();
}

function tone(context: AudioContext, frequency: number, start: number, seconds: number): void {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.type = "sine";
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0.0001, start);
  gain.gain.exponentialRampToValueAtTime(0.12, start + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + seconds);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + seconds);
}

let lastAt = 0;

/** A burst of messages is one sound: at most one each 1.5 s. */
export function playSound(now = Date.now()): boolean {
  if (!audio || audio.state !== "running" || now - lastAt < 1500) return false;
  lastAt = now;
  tone(audio, 660, audio.currentTime, 0.18);
  tone(audio, 880, audio.currentTime + 0.12, 0.28);
  return true;
}
