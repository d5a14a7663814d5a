import { Copy, Plus, X } from "lucide-react";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { Switch } from "@/components/ui/switch";
import { MOST_SPANS, problemsOf, type Day, type Span } from "@/features/settings/hours/hours";
import { useT } from "@/lib/i18n";

export interface DayRowProps {
  day: Day;
  spans: readonly Span[];
  onChange: (spans: Span[]) => void;
  onCopy: () => void;
}

/** One day: closed, or open from and to, several times. */
export function DayRow({ day, spans, onChange, onCopy }: DayRowProps) {
  const t = useT();
  const name = t(`settings.day_${day}`);
  const problems = problemsOf(spans);
  const open = spans.length > 0;
  const replace = (index: number, part: Partial<Span>) => onChange(spans.map((span, place) => (place === index ? { ...span, ...part } : span)));
  return (
    <div role="group" aria-label={name} className="flex flex-wrap items-start gap-x-3 gap-y-1 py-2">
      <label className="flex min-h-8 w-36 shrink-0 flex-1 items-center gap-2 sm:flex-none">
        <Switch checked={open} onChange={(on) => onChange(on ? [{ from: "09:00", to: "17:00" }] : [])} aria-label={t("settings.day_open", { day: name })} />
        <span aria-hidden className="font-medium">{name}</span>
      </label>
      <div className="flex min-w-0 flex-col gap-1 max-sm:order-last max-sm:basis-full sm:flex-1">
        {!open && <span className="flex items-center text-muted sm:min-h-8">{t("settings.day_closed")}</span>}
        {spans.map((span, index) => {
          const problem = problems[index];
          return (
            <div key={index} className="flex flex-wrap items-center gap-x-1">
              <TimeInput label={t("settings.span_from", { day: name, count: index + 1 })} value={span.from} wrong={Boolean(problem)} onChange={(from) => replace(index, { from })} />
              <span aria-hidden className="text-faint">–</span>
              <TimeInput label={t("settings.span_to", { day: name, count: index + 1 })} value={span.to} wrong={Boolean(problem)} onChange={(to) => replace(index, { to })} />
              {spans.length > 1 && (
                <IconButton icon={X} label={t("settings.span_remove", { day: name, count: index + 1 })} tooltip={false} onClick={() => onChange(spans.filter((_, place) => place !== index))} />
              )}
              {problem && <span role="alert" className="basis-full text-sm text-danger">{t(`settings.span_${problem}`)}</span>}
            </div>
          );
        })}
      </div>
      {open && (
        <span className="flex">
          {spans.length < MOST_SPANS && <IconButton icon={Plus} label={t("settings.span_add", { day: name })} onClick={() => onChange([...spans, after(spans.at(-1))])} />}
          <IconButton icon={Copy} label={t("settings.day_copy", { day: name })} onClick={onCopy} />
        </span>
      )}
    </div>
  );
}

/** A free hour behind the last span, if there is one. */
function after(last: Span | undefined): Span {
  const hour = Number(last?.to.slice(0, 2) ?? "0");
  return hour > 0 && hour < 22 ? { from: pad(hour + 1), to: pad(hour + 2) } : { from: "", to: "" };
}
const pad = (hour: number) => `${`${hour}`.padStart(2, "0")}:00`;

function TimeInput({ label, value, wrong, onChange }: { label: string; value: string; wrong: boolean; onChange: (time: string) => void }) {
  return <Input type="time" aria-label={label} aria-invalid={wrong || undefined} value={value} onChange={(event) => onChange(event.target.value)} className="w-31!" />;
}
