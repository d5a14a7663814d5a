/** Goes to the first message of a day. */

import { CalendarSearch } from "lucide-react";
import { useState, type ReactNode, type SubmitEvent } from "react";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { Popover } from "@/components/ui/popover";
import { useT } from "@/lib/i18n";
import { dayOf } from "@/features/thread/rows";

interface JumpToDateProps {
  onJump: (at: string) => void;
  /** One element that takes a ref and props; else a button with a calendar. */
  trigger?: ReactNode;
}

export function JumpToDate({ onJump, trigger }: JumpToDateProps) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const [day, setDay] = useState("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!day) return;
    setOpen(false);
    // Midnight where the viewer is.
    onJump(new Date(`${day}T00:00:00`).toISOString());
  };
  return (
    <Popover
      open={isOpen}
      onOpenChange={setOpen}
      align="end"
      label={t("thread.jump_to_date")}
      trigger={trigger ?? <IconButton icon={CalendarSearch} label={t("thread.jump_to_date")} />}
    >
      <form onSubmit={submit} className="grid gap-2">
        <label className="grid gap-1 text-sm font-medium">
          {t("thread.jump_to_date")}
          <Input type="date" required max={dayOf(null)} value={day} onChange={(event) => setDay(event.target.value)} />
        </label>
        <Button type="submit" variant="primary" size="sm">{t("thread.jump")}</Button>
      </form>
    </Popover>
  );
}
