/** Loudness as bars: the newest at the end, or all of it with how far it was played. */

const BARS = 96;

/** The last ones while it is recorded; else each the loudest of its share. */
function barsOf(levels: readonly number[], live: boolean): number[] {
  if (live) {
    const last = levels.slice(-BARS);
    return [...Array.from({ length: BARS - last.length }, () => 0), ...last];
  }
  return Array.from({ length: BARS }, (_, bar) => {
    const from = Math.floor((bar * levels.length) / BARS);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * levels.length) / BARS));
    return Math.max(0, ...levels.slice(from, to));
  });
}

export function WaveformBars({ levels, live = false, played = 0 }: { levels: readonly number[]; live?: boolean; played?: number }) {
  return (
    <svg viewBox={`0 0 ${BARS * 3} 28`} preserveAspectRatio="none" aria-hidden className="h-7 min-w-0 max-w-3xl flex-1" direction="ltr">
      {barsOf(levels, live).map((level, bar) => {
        const height = 2 + level * 24;
        const look = live || bar < played * BARS ? "fill-accent" : "fill-outline";
        return <rect key={bar} x={bar * 3 + 0.5} y={14 - height / 2} width={2} height={height} rx={1} className={look} />;
      })}
    </svg>
  );
}
