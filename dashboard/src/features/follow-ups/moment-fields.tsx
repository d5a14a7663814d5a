import { CalendarClock, Hourglass } from "lucide-react";
import { useMemo } from "react";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { LONGEST_AHEAD, localValue, timeZone } from "@/features/composer/schedule";
import { ChoiceCards } from "@/features/follow-ups/choice-cards";
import { dueOf, hoursOf, momentProblem, MOST_HOURS, type Plan } from "@/features/follow-ups/plan";
import { cx } from "@/lib/class-names";
import { formatDateTime, useLanguage, useT } from "@/lib/i18n";

export interface MomentFieldsProps {
  plan: Plan;
  now: Date;
  /** A missing time is told from the first attempt on; what is wrong with one, at once. */
  tried: boolean;
  onChange: (change: Partial<Plan>) => void;
}

/** When it goes out: so long after now, or at a time of one's own. */
export function MomentFields({ plan, now, tried, onChange }: MomentFieldsProps) {
  const t = useT();
  const { timing, hours, at } = plan;
  const due = dueOf(plan, now);
  const problem = momentProblem(plan, now);
  const told = problem && (timing === "after" ? hours !== "" || tried : at !== "" || tried) ? t(problem, { count: MOST_HOURS }) : null;
  return (
    <div className="flex flex-col gap-3">
      <ChoiceCards
        legend={t("outreach.follow_when")}
        value={timing}
        onChange={(next) => onChange({ timing: next })}
        focused
        choices={[
          { value: "after", icon: Hourglass, label: t("outreach.follow_after") },
          { value: "at", icon: CalendarClock, label: t("outreach.follow_at") },
        ]}
      />
      {timing === "after" ? (
        <div className="flex flex-wrap items-end gap-x-3 gap-y-2">
          <Field label={t("outreach.follow_hours")} error={told} className="w-28 has-aria-invalid:w-full">
            {(control) => (
              <Input {...control} inputMode="decimal" autoComplete="off" maxLength={7} className="max-w-28" value={hours} onChange={(event) => onChange({ hours: event.target.value })} />
            )}
          </Field>
          <UsualHours hours={hours} onChange={(next) => onChange({ hours: next })} />
        </div>
      ) : (
        <Field label={t("outreach.follow_date")} description={t("composer.schedule_zone", { zone: timeZone() })} error={told} className="max-w-72">
          {(control) => (
            <Input
              {...control}
              type="datetime-local"
              value={at}
              min={localValue(now)}
              max={localValue(new Date(now.getTime() + LONGEST_AHEAD))}
              onChange={(event) => onChange({ at: event.target.value })}
            />
          )}
        </Field>
      )}
      <p role="status" className={due ? "text-sm text-muted" : "hidden"}>
        {due && t("outreach.follow_goes_out", { at: formatDateTime(due) })}
      </p>
    </div>
  );
}

const USUAL = [[4, 4, "hour"], [24, 1, "day"], [48, 2, "day"], [72, 3, "day"], [168, 1, "week"]] as const;

function UsualHours({ hours, onChange }: { hours: string; onChange: (hours: string) => void }) {
  const t = useT();
  const language = useLanguage();
  const usual = useMemo(
    () => USUAL.map(([value, count, unit]) => ({ value, label: new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count) })),
    [language],
  );
  return (
    <div role="group" aria-label={t("outreach.follow_usual")} className="flex flex-wrap gap-1.5">
      {usual.map(({ value, label }) => (
        <button
          key={value}
          type="button"
          aria-pressed={hoursOf(hours) === value}
          onClick={() => onChange(String(value))}
          className={cx(
            "h-8 rounded-full border px-3 text-sm",
            hoursOf(hours) === value ? "border-accent bg-accent-soft text-accent-ink" : "border-line text-muted hover:bg-hover hover:text-ink",
          )}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
