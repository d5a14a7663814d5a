/** A voice note or other sound: waveform to seek in, speed, one at a time. */

import { Pause, Play } from "lucide-react";
import { useRef, useState } from "react";
import type { Attachment } from "@/api/types";
import { formatDuration, useT } from "@/lib/i18n";
import { ownAddress } from "@/features/media/addresses";

import { DownloadLink } from "@/features/media/download-link";
import { nextSpeed, playingSpeed, startedPlaying, stoppedPlaying } from "@/features/media/playing";
import { Waveform } from "@/features/media/waveform-slider";

export function AudioPlayer({ attachment }: { attachment: Attachment }) {
  const t = useT();
  const audio = useRef<HTMLAudioElement>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [isBroken, setBroken] = useState(false);
  const [position, setPosition] = useState(0);
  const [length, setLength] = useState(attachment.duration ?? 0);
  const [speed, setSpeed] = useState(playingSpeed);
  const original = ownAddress(attachment.url);
  const wav = ownAddress(attachment.wav_url);

  const toggle = () => {
    const element = audio.current;
    if (!element) return;
    element.playbackRate = playingSpeed();
    setSpeed(playingSpeed());
    if (element.paused) element.play().catch(() => setBroken(true));
    else element.pause();
  };
  const seek = (seconds: number) => {
    const to = Math.max(0, Math.min(length, seconds));
    if (audio.current) audio.current.currentTime = to;
    setPosition(to);
  };
  const accelerate = () => {
    const next = nextSpeed();
    setSpeed(next);
    if (audio.current) audio.current.playbackRate = next;
  };

  return (
    <div
      role="group"
      aria-label={t("media.kind_audio")}
      className="flex w-72 max-w-full items-center gap-2 rounded-lg bg-sunken px-2 py-1.5"
    >
      {/* The words of it stand below, as text. */}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
      <audio
        ref={audio}
        preload="none"
        onPlay={(event) => { setPlaying(true); startedPlaying(event.currentTarget); }}
        onPause={() => setPlaying(false)}
        onEnded={(event) => { setPosition(0); stoppedPlaying(event.currentTarget); }}
        onTimeUpdate={(event) => setPosition(event.currentTarget.currentTime)}
        onLoadedMetadata={(event) => {
          const { duration } = event.currentTarget;
          if (Number.isFinite(duration) && duration > 0) setLength(duration);
        }}
      >
        {original && <source src={original} type={attachment.content_type} />}
        {wav && <source src={wav} type="audio/wav" />}
      </audio>
      <button
        type="button"
        onClick={toggle}
        className="grid size-9 shrink-0 place-content-center rounded-full bg-accent text-on-accent"
        aria-label={t(isPlaying ? "media.pause" : "media.play")}
      >
        {isPlaying ? <Pause className="size-4" aria-hidden /> : <Play className="size-4 translate-x-px" aria-hidden />}
      </button>
      <div className="flex min-w-0 grow flex-col">
        <Waveform peaks={attachment.peaks} position={position} length={length} onSeek={seek} />
        <p className="flex justify-between text-xs tabular-nums text-muted">
          {isBroken
            ? <span role="alert" className="text-danger">{t("media.not_playable")}</span>
            : <span>{position > 0 || isPlaying ? formatDuration(position) : formatDuration(length)}</span>}
        </p>
      </div>
      <button
        type="button"
        onClick={accelerate}
        className="min-h-6 min-w-9 shrink-0 rounded-full border border-line px-1 text-xs tabular-nums"
        aria-label={t("media.speed", { speed })}
      >
        {speed}×
      </button>
      <DownloadLink attachment={attachment} />
    </div>
  );
}
