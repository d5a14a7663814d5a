/** A message's menu: answer, copy, react, edit, delete, keep, and how it went. */

import { Bookmark, Copy, Ellipsis, Pencil, Reply, SmilePlus, Timer, Trash2 } from "lucide-react";
import type { Message } from "@/api/types";
import { DropdownMenu } from "@/components/ui/dropdown-menu";
import { IconButton } from "@/components/ui/icon-button";
import type { MenuEntry } from "@/components/ui/menu-entry";
import { showToast } from "@/components/ui/toast-store";
import { useT } from "@/lib/i18n";
import { copyText } from "@/features/thread/copy-text";
import { allowed, useMessageAction } from "@/features/thread/message-actions";
import { setReplyTo } from "@/features/thread/reply-to";
import { useScene } from "@/features/thread/thread-context";

const EMOJI = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

interface MessageMenuProps {
  message: Message;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onEdit: () => void;
  className?: string;
}

export function MessageMenu({ message, open, onOpenChange, onEdit, className }: MessageMenuProps) {
  const t = useT();
  const scene = useScene();
  const { react } = useMessageAction(message);
  const may = allowed(message, scene.limits, scene);

  const copy = () => void copyText(message.content).then(
    () => showToast(t("common.copied")),
    () => showToast(t("thread.copy_failed"), { tone: "danger" }),
  );
  const own = message.reactions.find((reaction) => reaction.sender === "human");
  const items: (MenuEntry | false)[] = [
    may.reply && { label: t("thread.reply"), icon: Reply, onSelect: () => setReplyTo(message.chat_id, message) },
    message.content !== "" && { label: t("thread.copy"), icon: Copy, onSelect: copy },
    may.react && {
      kind: "submenu",
      label: t("thread.react"),
      icon: SmilePlus,
      items: [
        ...EMOJI.map((emoji) => ({ label: emoji, checked: own?.emoji === emoji, onSelect: () => void react(emoji) })),
        ...(own ? [{ label: t("thread.reaction_take_back"), onSelect: () => void react(null) }] : []),
      ],
    },
    may.edit && { label: t("common.edit"), icon: Pencil, onSelect: onEdit },
    may.keepAsCanned && {
      label: t("thread.keep_as_canned"), icon: Bookmark, onSelect: () => scene.open({ type: "canned", message }),
    },
    message.kind !== "note" && { label: t("thread.timeline"), icon: Timer, onSelect: () => scene.open({ type: "timeline", message }) },
    may.remove && { kind: "separator" },
    may.remove && {
      label: t("common.delete"), icon: Trash2, danger: true, onSelect: () => scene.open({ type: "delete", message }),
    },
  ];
  return (
    <DropdownMenu
      open={open}
      onOpenChange={onOpenChange}
      items={items.filter((item) => item !== false)}
      trigger={
        <IconButton
          icon={Ellipsis}
          label={t("thread.message_menu")}
          size="sm"
          tooltip={false}
          tabIndex={-1}
          {...(className ? { className } : {})}
        />
      }
    />
  );
}
