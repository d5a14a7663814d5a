import { ContactCard } from "@/features/contact-pane/contact-card";
import { useOneConversation } from "@/features/conversation-list/use-conversations";

/** The contact of the conversation that is open: beside the thread, or in the drawer over it. */
export function ContactPane({ chatId, contactId }: { chatId: string; contactId: string }) {
  const conversation = useOneConversation(chatId);
  return (
    <div className="flex h-full flex-col overflow-y-auto overscroll-contain bg-surface pb-[env(safe-area-inset-bottom)]">
      <ContactCard contactId={contactId} chatId={chatId} name={conversation?.display_name} />
    </div>
  );
}
