/** Only one sound or film plays at a time. */

let current: HTMLMediaElement | null = null;

/** To be told of an element that has begun to play. */
export function startedPlaying(element: HTMLMediaElement): void {
  if (current && current !== element) current.pause();
  current = element;
}

export function stoppedPlaying(element: HTMLMediaElement): void {
  if (current === element) current = null;
}

const SPEEDS = [1, 1.5, 2] as const;
let speed: number = SPEEDS[0];

/** The speed is the listener's, not the file's. */
export function playingSpeed(): number {
  return speed;
}

export function nextSpeed(): number {
  const place = SPEEDS.findIndex((one) => one === speed);
  speed = SPEEDS[(place + 1) % SPEEDS.length] ?? 1;
  return speed;
}
