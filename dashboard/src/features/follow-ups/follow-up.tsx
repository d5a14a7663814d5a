import { useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { useOneConversation } from "@/features/conversation-list/use-conversations";
import { closeFollowUp, useAsked } from "@/features/follow-ups/asking";
import { withTexts } from "@/lib/i18n";

const FollowUpDialog = lazy(async () => ({
  default: (await withTexts("outreach", import("@/features/follow-ups/follow-up-dialog"))).FollowUpDialog,
}));

/** Once in the frame: the place of the dialog. Its code comes when it is asked for. */
export function FollowUp() {
  const asked = useAsked();
  // What happens to the conversation meanwhile counts: its window closes, or opens again.
  const now = useOneConversation(asked?.chat_id);
  // What leads elsewhere, from within it too, leaves it behind.
  const path = useLocation({ select: (location) => location.pathname });
  useEffect(() => closeFollowUp, [path]);
  if (!asked) return null;
  return (
    <Suspense>
      <FollowUpDialog key={asked.chat_id} conversation={now ?? asked} onClose={closeFollowUp} />
    </Suspense>
  );
}
