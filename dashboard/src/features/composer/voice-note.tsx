import { Mic, Pause, Square, Trash2 } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { LONGEST, problemOf, unavailable, VoiceRecorder, type RecorderProblem, type Recording } from "@/features/composer/voice-recorder";
import { VoicePreview } from "@/features/composer/voice-preview";
import { WaveformBars } from "@/features/composer/waveform-bars";
import { formatDuration, useT } from "@/lib/i18n";

interface VoiceNoteProps {
  onSend: (recording: Recording) => void;
  onClose: () => void;
}

type State =
  | { is: "asking" }
  | { is: "recording"; recorder: VoiceRecorder }
  | { is: "recorded"; recording: Recording }
  | { is: "problem"; problem: RecorderProblem };

/** Records, plays back, and sends or throws away. Takes the place of the text meanwhile. */
export function VoiceNote({ onSend, onClose }: VoiceNoteProps) {
  const t = useT();
  const [state, setState] = useState<State>(() => {
    const problem = unavailable();
    return problem ? { is: "problem", problem } : { is: "asking" };
  });
  const [seconds, setSeconds] = useState(0);
  const [attempt, setAttempt] = useState(0);
  const recorder = state.is === "recording" ? state.recorder : null;

  const stop = useCallback((from: VoiceRecorder) => {
    void from.stop().then((recording) => setState({ is: "recorded", recording }));
  }, []);
  useEffect(() => {
    if (unavailable()) return;
    let gone = false;
    let started: VoiceRecorder | null = null;
    const measured = (length: number) => {
      setSeconds(length);
      if (length >= LONGEST && started) stop(started);
    };
    VoiceRecorder.start(measured).then(
      (made) => {
        started = made;
        if (gone) made.close();
        else setState({ is: "recording", recorder: made });
      },
      (error: unknown) => {
        if (!gone) setState({ is: "problem", problem: problemOf(error) });
      },
    );
    return () => {
      gone = true;
      started?.close();
    };
  }, [attempt, stop]);

  if (state.is === "problem") {
    return (
      <div role="alert" className="flex flex-wrap items-center gap-2 px-3 py-2">
        <p className="min-w-48 flex-1">{t(`composer.mic_${state.problem}`)}</p>
        <Button onClick={onClose}>{t("common.close")}</Button>
        {(state.problem === "denied" || state.problem === "busy" || state.problem === "missing") && (
          <Button
            variant="primary"
            onClick={() => {
              setState({ is: "asking" });
              setAttempt(attempt + 1);
            }}
          >
            {t("common.retry")}
          </Button>
        )}
      </div>
    );
  }
  if (state.is === "recorded") return <VoicePreview recording={state.recording} onSend={onSend} onDiscard={onClose} />;
  return <Running recorder={recorder} seconds={seconds} onStop={stop} onDiscard={onClose} />;
}

interface RunningProps {
  /** Null until the microphone is given. */
  recorder: VoiceRecorder | null;
  seconds: number;
  onStop: (recorder: VoiceRecorder) => void;
  onDiscard: () => void;
}

function Running({ recorder, seconds, onStop, onDiscard }: RunningProps) {
  const t = useT();
  const [paused, setPaused] = useState(false);
  const stopButton = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (recorder) stopButton.current?.focus();
  }, [recorder]);
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape is the discard button's
    <div
      className="flex min-h-14 items-center gap-2 px-2 md:gap-3"
      onKeyDown={(event) => {
        if (event.key === "Escape") onDiscard();
      }}
    >
      <IconButton icon={Trash2} variant="danger" label={t("composer.voice_discard")} onClick={onDiscard} />
      <span className={`size-2 shrink-0 rounded-full bg-danger-fill ${recorder && !paused ? "animate-pulse" : "opacity-40"}`} />
      <span role="timer" aria-label={t("composer.voice_length")} className="w-10 shrink-0 text-center">
        {formatDuration(seconds)}
      </span>
      <WaveformBars live levels={recorder?.levels ?? []} />
      <span role="status" className={recorder ? "sr-only" : "text-sm text-muted"}>
        {t(recorder ? (paused ? "composer.voice_paused" : "composer.voice_recording") : "composer.voice_asking")}
      </span>
      <IconButton
        className="ms-auto"
        icon={paused ? Mic : Pause}
        disabled={!recorder}
        label={t(paused ? "composer.voice_resume" : "composer.voice_pause")}
        onClick={() => {
          if (paused) recorder?.resume();
          else recorder?.pause();
          setPaused(!paused);
        }}
      />
      <Button ref={stopButton} variant="primary" disabled={!recorder} onClick={() => recorder && onStop(recorder)}>
        <Square aria-hidden className="fill-current" />
        {t("composer.voice_stop")}
      </Button>
    </div>
  );
}
