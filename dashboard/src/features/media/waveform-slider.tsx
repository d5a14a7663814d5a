/** A waveform that is a slider: seconds of a sound, by pointer and by keyboard. */

import { useMemo, type KeyboardEvent, type PointerEvent } from "react";
import { formatDuration, useT } from "@/lib/i18n";

import { barsOf } from "@/features/media/waveform";

const BARS = 44;
const STEP = 5;

interface WaveformProps {
  peaks: number[] | null;
  position: number;
  length: number;
  onSeek: (seconds: number) => void;
}

export function Waveform({ peaks, position, length, onSeek }: WaveformProps) {
  const t = useT();
  const bars = useMemo(() => barsOf(peaks, BARS), [peaks]);
  const played = length > 0 ? (position / length) * BARS : 0;

  const seekTo = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    // Time runs from left to right in every script, as on the players people know.
    onSeek(((event.clientX - box.left) / box.width) * length);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to: Record<string, number> = {
      ArrowLeft: position - STEP, ArrowDown: position - STEP, ArrowRight: position + STEP,
      ArrowUp: position + STEP, Home: 0, End: length, PageUp: position + 30, PageDown: position - 30,
    };
    const target = to[event.key];
    if (target === undefined) return;
    event.preventDefault();
    // Arrows also move between messages.
    event.stopPropagation();
    onSeek(target);
  };

  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={t("media.position")}
      aria-valuemin={0}
      aria-valuemax={Math.round(length)}
      aria-valuenow={Math.round(position)}
      aria-valuetext={t("media.position_of", { position: formatDuration(position), length: formatDuration(length) })}
      className="h-7 w-full cursor-pointer touch-none rounded"
      dir="ltr"
      onKeyDown={onKeyDown}
      onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); seekTo(event); }}
      onPointerMove={(event) => event.buttons === 1 && seekTo(event)}
    >
      <svg viewBox={`0 0 ${BARS * 3} 28`} preserveAspectRatio="none" className="size-full" aria-hidden>
        {bars.map((bar, index) => (
          <rect
            key={index}
            x={index * 3 + 0.5}
            y={14 - bar * 13}
            width={2}
            height={bar * 26}
            rx={1}
            className={index < played ? "fill-accent" : "fill-muted opacity-50"}
          />
        ))}
      </svg>
    </div>
  );
}
