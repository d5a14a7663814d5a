import { Clock } from "lucide-react";
import { useMemo, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { Popover } from "@/components/ui/popover";
import { LONGEST_AHEAD, localValue, presets, problemOf, timeZone } from "@/features/composer/schedule";
import { formatDateTime, useLanguage, useT } from "@/lib/i18n";

interface ScheduleButtonProps {
  disabled: boolean;
  /** When the window closes: what is sent later is refused. */
  windowClosesAt: string | null;
  onSchedule: (at: Date) => void;
}

export function ScheduleButton({ disabled, windowClosesAt, onSchedule }: ScheduleButtonProps) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      side="top"
      align="end"
      label={t("composer.schedule")}
      className="w-72"
      trigger={<IconButton icon={Clock} label={t("composer.schedule")} disabled={disabled} />}
    >
      <Times
        windowClosesAt={windowClosesAt}
        onSchedule={(at) => {
          setOpen(false);
          onSchedule(at);
        }}
      />
    </Popover>
  );
}

function Times({ windowClosesAt, onSchedule }: Omit<ScheduleButtonProps, "disabled">) {
  const t = useT();
  const language = useLanguage();
  const [now] = useState(() => new Date());
  const brief = useMemo(() => new Intl.DateTimeFormat(language, { weekday: "short", hour: "numeric", minute: "2-digit" }), [language]);
  const [chosen, setChosen] = useState("");
  const [tried, setTried] = useState(false);
  const at = new Date(chosen);
  const problem = chosen || tried ? problemOf(at, new Date()) : null;
  const late = windowClosesAt !== null && !problem && at.getTime() > Date.parse(windowClosesAt);
  const submit = () => {
    setTried(true);
    if (!problemOf(at, new Date())) onSchedule(at);
  };
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <h2 className="text-sm font-semibold">{t("composer.schedule")}</h2>
      <ul className="-mx-1 flex flex-col">
        {presets(now).map((preset) => (
          <li key={preset.key}>
            <button
              type="button"
              onClick={() => onSchedule(preset.at)}
              className="flex min-h-8 w-full items-center justify-between gap-3 rounded-md px-2 text-start hover:bg-hover focus-visible:-outline-offset-2"
            >
              <span>{t(preset.key)}</span>
              <span className="text-sm whitespace-nowrap text-muted">{brief.format(preset.at)}</span>
            </button>
          </li>
        ))}
      </ul>
      <Field label={t("composer.schedule_at")} description={t("composer.schedule_zone", { zone: timeZone() })} error={problem && t(problem)}>
        {(control) => (
          <Input
            {...control}
            type="datetime-local"
            value={chosen}
            min={localValue(now)}
            max={localValue(new Date(now.getTime() + LONGEST_AHEAD))}
            onChange={(event) => setChosen(event.target.value)}
          />
        )}
      </Field>
      {late && <p className="text-sm text-warning">{t("composer.schedule_window", { at: formatDateTime(windowClosesAt) })}</p>}
      <Button type="submit" variant="primary">
        {t("composer.schedule_send")}
      </Button>
    </form>
  );
}
