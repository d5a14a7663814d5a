/** Emoji that stand at a message. */

import type { Reaction } from "@/api/types";
import { useT } from "@/lib/i18n";

export function Reactions({ reactions, customer }: { reactions: Reaction[]; customer: string }) {
  const t = useT();
  if (reactions.length === 0) return null;
  return (
    <ul className="-mt-1.5 flex gap-1 px-2" aria-label={t("thread.reactions")}>
      {reactions.map((reaction, index) => {
        const name = reaction.sender === "user" ? customer : t("thread.team");
        return (
          <li
            key={index}
            className="z-1 inline-flex h-6 items-center rounded-full border border-line bg-surface px-1.5"
            title={t("thread.reacted", { name, emoji: reaction.emoji })}
          >
            <span aria-hidden>{reaction.emoji}</span>
            <span className="sr-only">{t("thread.reacted", { name, emoji: reaction.emoji })}</span>
          </li>
        );
      })}
    </ul>
  );
}
