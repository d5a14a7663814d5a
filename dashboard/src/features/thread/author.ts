/** Who wrote a message, in words. */

import type { Message } from "@/api/types";
import type { Translate } from "@/lib/i18n";

export function authorName(message: Message, customer: string, me: string, t: Translate): string {
  switch (message.sender) {
    case "user":
      return customer;
    case "assistant":
      return t("thread.assistant");
    case "human":
      if (message.person?.person_id === me) return t("common.you");
      return message.person?.name || message.person?.email || t("thread.team");
    case "system":
      return t("thread.system");
  }
}
