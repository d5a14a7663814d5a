import { Pause, Play, SendHorizontal, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import type { Recording } from "@/features/composer/voice-recorder";
import { WaveformBars } from "@/features/composer/waveform-bars";
import { formatDuration, useT } from "@/lib/i18n";

interface VoicePreviewProps {
  recording: Recording;
  onSend: (recording: Recording) => void;
  onDiscard: () => void;
}

/** A recording to be heard before it is sent. */
export function VoicePreview({ recording, onSend, onDiscard }: VoicePreviewProps) {
  const t = useT();
  const audio = useRef<HTMLAudioElement>(null);
  const sendButton = useRef<HTMLButtonElement>(null);
  const [playing, setPlaying] = useState(false);
  const [position, setPosition] = useState(0);
  useEffect(() => sendButton.current?.focus(), []);
  useEffect(() => {
    const url = URL.createObjectURL(recording.file);
    if (audio.current) audio.current.src = url;
    return () => URL.revokeObjectURL(url);
  }, [recording]);
  const toggle = () => {
    if (playing) audio.current?.pause();
    else void audio.current?.play().catch(() => setPlaying(false));
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape is the discard button's
    <div
      className="flex min-h-14 items-center gap-2 px-2 md:gap-3"
      onKeyDown={(event) => {
        if (event.key === "Escape") onDiscard();
      }}
    >
      <IconButton icon={Trash2} variant="danger" label={t("composer.voice_discard")} onClick={onDiscard} />
      <IconButton icon={playing ? Pause : Play} label={t(playing ? "composer.voice_pause_playback" : "composer.voice_play")} onClick={toggle} />
      {/* eslint-disable-next-line jsx-a11y/media-has-caption -- the person's own words, a moment ago */}
      <audio
        ref={audio}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setPosition(0)}
        onTimeUpdate={(event) => setPosition(event.currentTarget.currentTime)}
      />
      <WaveformBars levels={recording.levels} played={recording.length > 0 ? position / recording.length : 0} />
      <span className="me-auto w-10 shrink-0 text-center">{formatDuration(playing || position > 0 ? position : recording.length)}</span>
      <Button ref={sendButton} variant="primary" onClick={() => onSend(recording)}>
        <SendHorizontal aria-hidden className="rtl:rotate-180" />
        {t("composer.send")}
      </Button>
    </div>
  );
}
