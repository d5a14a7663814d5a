import { Ban, CircleCheck, Clock, Ellipsis, Flag, Hourglass, Mail, RotateCcw, Tag, UserRound, UsersRound } from "lucide-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Conversation, ConversationChange } from "@/api/types";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Avatar } from "@/components/ui/avatar";
import { DropdownMenu } from "@/components/ui/dropdown-menu";
import { IconButton } from "@/components/ui/icon-button";
import type { MenuEntry } from "@/components/ui/menu-entry";
import { assigneeEntries, labelEntries, type MenuSetting, priorityEntries, snoozeEntries, teamEntries } from "@/features/conversation-list/conversation-menu";
import { LabelsEditor } from "@/features/conversation-list/labels-editor";
import { SnoozeDialog } from "@/features/conversation-list/snooze-dialog";
import { useConversationChange } from "@/features/conversation-list/use-conversation-change";
import { useMenuSetting } from "@/features/conversation-list/use-menu-setting";
import { openFollowUp } from "@/features/follow-ups/asking";
import { useHotkey } from "@/lib/hotkeys";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

export { AnswerSwitch } from "@/features/conversation-list/answer-switch";

/** What people do with the open conversation, in the thread's header. Alt+E, Alt+M and Alt+U work while it is shown. */
export function ConversationActions({ conversation }: { conversation: Conversation }) {
  const t = useT();
  const work = useConversationChange();
  const mayChange = useCan("agent");
  const setting = useMenuSetting();
  const [snoozing, setSnoozing] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const change = (wanted: ConversationChange) => void work.change(conversation, wanted);
  const whole: MenuSetting = { ...setting, change, chooseSnooze: () => setChoosing(true) };
  const closed = conversation.status === "closed";
  const group = t("list.keys_group_open");
  useHotkey("alt+e", () => change({ status: closed ? "open" : "closed" }), { label: t("list.keys_close"), group, enabled: mayChange });
  useHotkey("alt+m", () => setSnoozing(true), { label: t("list.keys_snooze"), group, enabled: mayChange });
  useHotkey("alt+u", () => openFollowUp(conversation), { label: t("list.keys_follow_up"), group, enabled: mayChange });
  if (!mayChange) return null;
  const wake: MenuEntry[] = conversation.status === "snoozed"
    ? [{ label: t("list.unsnooze"), icon: RotateCcw, onSelect: () => change({ status: "open" }) }, { kind: "separator" }]
    : [];
  return (
    <div className="flex shrink-0 items-center gap-0.5">
      <div className="contents max-sm:hidden">
        <AssigneeMenu conversation={conversation} items={assigneeEntries(whole, conversation.assignee?.person_id ?? null)} />
        <span className="max-xl:hidden"><LabelsEditor conversation={conversation} /></span>
      </div>
      <DropdownMenu
        open={snoozing}
        onOpenChange={setSnoozing}
        items={[...wake, { kind: "label", label: t("list.snooze_for") }, ...snoozeEntries(whole, new Date())]}
        trigger={<IconButton icon={Clock} label={t("list.snooze")} hotkey="alt+m" tooltip={false} title={t("list.snooze")} />}
      />
      <IconButton
        icon={closed ? RotateCcw : CircleCheck}
        label={closed ? t("list.reopen") : t("list.close")}
        hotkey="alt+e"
        onClick={() => change({ status: closed ? "open" : "closed" })}
      />
      <MoreMenu conversation={conversation} setting={whole} />
      <SnoozeDialog
        open={choosing}
        onOpenChange={setChoosing}
        onSnooze={(until) => change({ status: "snoozed", snoozed_until: until.toISOString() })}
      />
    </div>
  );
}

function AssigneeMenu({ conversation, items }: { conversation: Conversation; items: MenuEntry[] }) {
  const t = useT();
  const { assignee } = conversation;
  const name = assignee ? assignee.name || assignee.email : t("list.assignee_none");
  return (
    <DropdownMenu
      items={[{ kind: "label", label: t("list.assign_to") }, ...items]}
      trigger={
        <button
          type="button"
          aria-label={t("list.assignee_button", { name })}
          title={t("list.assignee_button", { name })}
          className="inline-flex h-8 max-w-40 items-center gap-1.5 rounded-md px-1.5 text-sm text-muted hover:bg-hover hover:text-ink"
        >
          {assignee ? <Avatar name={name} id={assignee.person_id} size="xs" /> : <UserRound aria-hidden className="size-4" />}
          <span className="truncate max-2xl:hidden">{name}</span>
        </button>
      }
    />
  );
}

function MoreMenu({ conversation, setting }: { conversation: Conversation; setting: MenuSetting }) {
  const t = useT();
  const work = useConversationChange();
  const navigate = useNavigate();
  const [blocking, setBlocking] = useState(false);
  const { team, priority, blocked } = conversation;
  function leaveUnread(): void {
    // In the open thread it would be read again at once.
    void navigate({ to: "/inbox", search: true });
    void work.read(conversation, false);
  }
  const items: MenuEntry[] = [
    { kind: "submenu", label: t("list.assign_to"), icon: UserRound, items: assigneeEntries(setting, conversation.assignee?.person_id ?? null) },
    { kind: "submenu", label: t("list.team_button", { name: team?.name ?? t("list.team_none") }), icon: UsersRound, items: teamEntries(setting, team?.team_id ?? null) },
    { kind: "submenu", label: t("list.labels"), icon: Tag, items: labelEntries(setting, conversation.labels.map((label) => label.label_id)) },
    { kind: "submenu", label: t("list.priority_button", { priority: t(`common.priority_${priority}`) }), icon: Flag, items: priorityEntries(setting, priority) },
    { kind: "separator" },
    { label: t("list.follow_up"), icon: Hourglass, onSelect: () => openFollowUp(conversation) },
    { label: t("list.mark_unread"), icon: Mail, disabled: conversation.inbound_count === 0, onSelect: leaveUnread },
    blocked
      ? { label: t("list.unblock"), icon: Ban, onSelect: () => void work.block(conversation, false) }
      : { label: t("list.block"), icon: Ban, danger: true, onSelect: () => setBlocking(true) },
  ];
  return (
    <>
      <DropdownMenu items={items} trigger={<IconButton icon={Ellipsis} label={t("list.more_actions")} tooltip={false} />} />
      <BlockDialog conversation={conversation} open={blocking} onOpenChange={setBlocking} />
    </>
  );
}

export interface BlockDialogProps {
  conversation: Conversation;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function BlockDialog({ conversation, open, onOpenChange }: BlockDialogProps) {
  const t = useT();
  const work = useConversationChange();
  return (
    <AlertDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t("list.block_title", { name: conversation.display_name || conversation.phone_number })}
      description={t("list.block_text")}
      action={t("list.block_action")}
      danger
      onAction={() => {
        onOpenChange(false);
        void work.block(conversation, true);
      }}
    />
  );
}
