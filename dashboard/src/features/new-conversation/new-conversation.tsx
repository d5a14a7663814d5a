import { useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { closeNewConversation, openNewConversation, useBeginning } from "@/features/new-conversation/opening";
import { useHotkey } from "@/lib/hotkeys";
import { useT, withTexts } from "@/lib/i18n";
import { useCan } from "@/lib/me";

const NewConversationDialog = lazy(async () => ({
  default: (await withTexts("outreach", import("@/features/new-conversation/new-conversation-dialog"))).NewConversationDialog,
}));

/** Once in the frame: the key that opens the dialog, and its place. Its code comes when it is asked for. */
export function NewConversation() {
  const t = useT();
  const mayStart = useCan("agent");
  const beginning = useBeginning();
  useHotkey("alt+n", () => openNewConversation(), { label: t("list.new_conversation"), group: t("list.keys_group_anywhere"), enabled: mayStart });
  // What leads elsewhere, from within it too, leaves it behind.
  const path = useLocation({ select: (location) => location.pathname });
  useEffect(() => closeNewConversation, [path]);
  if (!beginning) return null;
  return (
    <Suspense>
      <NewConversationDialog known={beginning} onClose={closeNewConversation} />
    </Suspense>
  );
}
