import { Bot, UsersRound } from "lucide-react";
import { RadioGroup } from "radix-ui";
import type { Conversation, Mode } from "@/api/types";
import { Tooltip } from "@/components/ui/tooltip";
import { useConversationChange } from "@/features/conversation-list/use-conversation-change";
import { cx } from "@/lib/class-names";
import { formatDateTime, useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

const MODES = [
  { mode: "assistant", icon: Bot, label: "list.answer_assistant", hint: "list.answer_assistant_hint" },
  { mode: "manual", icon: UsersRound, label: "list.answer_people", hint: "list.answer_people_hint" },
] as const;

/** The one switch of who answers the customer: the assistant or people. */
export function AnswerSwitch({ conversation }: { conversation: Conversation }) {
  const t = useT();
  const work = useConversationChange();
  const mayChange = useCan("agent");
  const { mode, mode_changed_at: at, mode_changed_by: by } = conversation;
  const since = mode === "manual" && by && at ? t("list.answer_since", { name: by.name || by.email, time: formatDateTime(at) }) : null;
  return (
    <RadioGroup.Root
      aria-label={t("list.answer_label")}
      value={mode}
      disabled={!mayChange}
      orientation="horizontal"
      onValueChange={(next) => {
        if (next !== mode) void work.change(conversation, { mode: next as Mode });
      }}
      className="inline-flex shrink-0 rounded-md border border-outline/60 bg-sunken p-0.5"
    >
      {MODES.map(({ mode: each, icon: Icon, label, hint }) => (
        <Tooltip key={each} label={each === mode && since ? since : t(hint)} side="bottom">
          <RadioGroup.Item
            value={each}
            className={cx(
              "inline-flex h-7 items-center gap-1.5 rounded-sm px-2 text-sm font-medium text-muted transition-colors",
              "hover:text-ink disabled:cursor-not-allowed [&_svg]:size-4",
              // Not data-state: the tooltip around it has one of its own.
              "aria-checked:bg-surface aria-checked:shadow-sm",
              each === "manual" ? "aria-checked:text-warning" : "aria-checked:text-accent-ink",
            )}
          >
            <Icon aria-hidden />
            <span className="max-sm:sr-only">{t(label)}</span>
          </RadioGroup.Item>
        </Tooltip>
      ))}
    </RadioGroup.Root>
  );
}
