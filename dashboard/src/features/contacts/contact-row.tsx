import { Ban } from "lucide-react";
import { memo } from "react";
import type { ContactRow as Row } from "@/api/types";
import { Avatar } from "@/components/ui/avatar";
import { cx } from "@/lib/class-names";
import { formatBrief, useT } from "@/lib/i18n";

/** Every row is as high as every other, so that all of them can be scrolled without measuring. */
export const ROW_HEIGHT = 60;

export interface ContactRowProps {
  row: Row;
  id: string;
  /** Its card is open. */
  open: boolean;
  /** Where the keys are. */
  active: boolean;
  position: number;
  /** -1 while there are more to load. */
  total: number;
}

export const ContactRow = memo(function ContactRow({ row, id, open, active, position, total }: ContactRowProps) {
  const t = useT();
  const beneath = [row.address, row.email].filter((each) => each !== null && each !== row.display_name).join(" · ");
  return (
    <div
      id={id}
      role="option"
      aria-selected={open}
      aria-setsize={total}
      aria-posinset={position}
      data-contact-id={row.contact_id}
      data-active={active ? "" : undefined}
      className={cx(
        "flex h-full cursor-pointer items-center gap-3 border-b border-line px-3 outline-accent -outline-offset-2 group-focus-visible/list:data-active:outline-2",
        open ? "bg-selected" : "hover:bg-hover",
      )}
    >
      <Avatar name={row.display_name} id={row.contact_id} />
      <span className="min-w-0 flex-1">
        <span className="flex items-center gap-2">
          <span className="min-w-0 flex-1 truncate font-medium"><bdi>{row.display_name}</bdi></span>
          {row.blocked && (
            <>
              <Ban aria-hidden className="size-3.5 shrink-0 text-danger" />
              <span className="sr-only">{t("contacts.is_blocked")}</span>
            </>
          )}
          <span className="shrink-0 text-sm text-faint">{row.created_at !== "" && formatBrief(row.created_at)}</span>
        </span>
        <span className="block truncate text-sm text-muted"><bdi>{beneath}</bdi></span>
      </span>
    </div>
  );
});
