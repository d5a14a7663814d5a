import { CommandBar } from "@/features/command-bar/command-bar";
import { useLiveConversations } from "@/features/conversation-list/use-live-conversations";
import { FollowUp } from "@/features/follow-ups/follow-up";
import { NewConversation } from "@/features/new-conversation/new-conversation";
import { useNotifications } from "@/features/notifications/use-notifications";
import { useUnreadSign } from "@/features/notifications/use-unread-sign";
import { ShortcutSheet } from "@/features/shortcuts/shortcut-sheet";

/** What goes on behind every page for people who are signed in: put once into the application's frame. */
export function Background() {
  useLiveConversations();
  useNotifications();
  useUnreadSign();
  return (
    <>
      <CommandBar />
      <ShortcutSheet />
      <NewConversation />
      <FollowUp />
    </>
  );
}
