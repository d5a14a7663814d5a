import { type SubmitEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { fromLocalInput, snoozeChoices, toLocalInput } from "@/features/conversation-list/snooze";
import { useT } from "@/lib/i18n";

export interface SnoozeDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onSnooze: (until: Date) => void;
}

/** A date and time of one's own. */
export function SnoozeDialog({ open, onOpenChange, onSnooze }: SnoozeDialogProps) {
  const t = useT();
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t("list.snooze_title")} size="sm">
      <SnoozeForm
        onCancel={() => onOpenChange(false)}
        onSnooze={(until) => {
          onSnooze(until);
          onOpenChange(false);
        }}
      />
    </Dialog>
  );
}

function SnoozeForm({ onCancel, onSnooze }: { onCancel: () => void; onSnooze: (until: Date) => void }) {
  const t = useT();
  const [value, setValue] = useState(() => {
    const tomorrow = snoozeChoices(new Date()).find((choice) => choice.name === "tomorrow")?.until;
    return toLocalInput(tomorrow ?? new Date());
  });
  const [wrong, setWrong] = useState(false);
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const until = fromLocalInput(value, new Date());
    setWrong(until === null);
    if (until) onSnooze(until);
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" noValidate>
      <Field label={t("list.snooze_when")} error={wrong ? t("list.snooze_past") : null}>
        {(control) => (
          <Input {...control} type="datetime-local" value={value} onChange={(event) => setValue(event.target.value)} />
        )}
      </Field>
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{t("common.cancel")}</Button>
        <Button type="submit" variant="primary">{t("list.snooze")}</Button>
      </div>
    </form>
  );
}
