import { CheckCheck, CircleCheck, Clock, Flag, RotateCcw, Tag, UserRound, UsersRound, X } from "lucide-react";
import { useState } from "react";
import type { Conversation, ConversationChange } from "@/api/types";
import { Checkbox } from "@/components/ui/checkbox";
import { DropdownMenu } from "@/components/ui/dropdown-menu";
import { IconButton } from "@/components/ui/icon-button";
import type { MenuEntry } from "@/components/ui/menu-entry";
import { assigneeEntries, type MenuSetting, priorityEntries, snoozeEntries, teamEntries } from "@/features/conversation-list/conversation-menu";
import { SnoozeDialog } from "@/features/conversation-list/snooze-dialog";
import { useConversationChange } from "@/features/conversation-list/use-conversation-change";
import { useMenuSetting } from "@/features/conversation-list/use-menu-setting";
import { useT } from "@/lib/i18n";

export interface BulkBarProps {
  selected: readonly Conversation[];
  total: number;
  onAll: () => void;
  onDone: () => void;
}

/** In the place of the tabs while conversations are ticked: what is done to all of them. */
export function BulkBar({ selected, total, onAll, onDone }: BulkBarProps) {
  const t = useT();
  const work = useConversationChange();
  const setting = useMenuSetting();
  const [choosing, setChoosing] = useState(false);
  const change = (wanted: ConversationChange) => {
    void work.changeMany(selected, wanted);
    onDone();
  };
  const whole: MenuSetting = { ...setting, change, chooseSnooze: () => setChoosing(true) };
  const closed = selected.every((each) => each.status === "closed");
  const all = selected.length === total;
  const menu = (icon: typeof Tag, label: string, items: MenuEntry[]) => (
    <DropdownMenu items={items} trigger={<IconButton icon={icon} label={label} tooltip={false} title={label} />} />
  );
  return (
    <div role="toolbar" aria-label={t("list.bulk_label")} className="-mb-px flex min-h-9 items-center gap-0.5 bg-accent-soft px-3">
      <Checkbox
        checked={all ? true : "indeterminate"}
        onChange={() => (all ? onDone() : onAll())}
        aria-label={all ? t("list.select_none") : t("list.select_all")}
        className="-ms-1 me-1"
      />
      <span className="me-auto truncate text-sm font-medium text-accent-ink">{t("list.selected", { count: selected.length })}</span>
      <IconButton
        icon={closed ? RotateCcw : CircleCheck}
        label={closed ? t("list.reopen") : t("list.close")}
        onClick={() => change({ status: closed ? "open" : "closed" })}
      />
      {menu(Clock, t("list.snooze"), snoozeEntries(whole, new Date()))}
      {menu(UserRound, t("list.assign"), assigneeEntries(whole, undefined))}
      {menu(Tag, t("list.labels"), useBulkLabels(selected))}
      {menu(Flag, t("list.priority"), [
        ...priorityEntries(whole, undefined),
        { kind: "separator" },
        { kind: "submenu", label: t("list.team"), icon: UsersRound, items: teamEntries(whole, undefined) },
      ])}
      <IconButton
        icon={CheckCheck}
        label={t("list.mark_read")}
        onClick={() => {
          void work.readMany(selected);
          onDone();
        }}
      />
      <IconButton icon={X} label={t("list.select_none")} onClick={onDone} />
      <SnoozeDialog
        open={choosing}
        onOpenChange={setChoosing}
        onSnooze={(until) => change({ status: "snoozed", snoozed_until: until.toISOString() })}
      />
    </div>
  );
}

/** A label that all have is taken from all; else those that lack it get it. */
function useBulkLabels(selected: readonly Conversation[]): MenuEntry[] {
  const { t, labels } = useMenuSetting();
  const work = useConversationChange();
  const has = (conversation: Conversation, id: string) => conversation.labels.some((label) => label.label_id === id);
  if (labels.length === 0) return [{ label: t("list.labels_none"), disabled: true, onSelect: () => undefined }];
  return labels.map(({ label_id: id, name }) => {
    const all = selected.every((each) => has(each, id));
    return {
      label: name,
      checked: all,
      keepOpen: true,
      onSelect: () => {
        const touched = selected.filter((each) => has(each, id) === all);
        void work.changeMany(touched, (each) => {
          const rest = each.labels.map((label) => label.label_id).filter((other) => other !== id);
          return { labels: all ? rest : [...rest, id] };
        });
      },
    };
  });
}
