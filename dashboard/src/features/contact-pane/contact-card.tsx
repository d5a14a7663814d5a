import { lazy, Suspense, useState } from "react";
import type { Contact } from "@/api/types";
import { ErrorState } from "@/components/ui/error-state";
import { AttributesSection } from "@/features/contact-pane/attributes-section";
import { ChannelsSection } from "@/features/contact-pane/channels-section";
import { ContactHeader } from "@/features/contact-pane/contact-header";
import { ContactSkeleton } from "@/features/contact-pane/contact-skeleton";
import { ConversationsSection } from "@/features/contact-pane/conversations-section";
import { DetailsSection } from "@/features/contact-pane/details-section";
import { FollowUpsSection } from "@/features/contact-pane/follow-ups-section";
import { LabelsSection } from "@/features/contact-pane/labels-section";
import { MergedSection } from "@/features/contact-pane/merged-section";
import { NotesSection } from "@/features/contact-pane/notes-section";
import { Section } from "@/features/contact-pane/section";
import { useContact } from "@/features/contact-pane/use-contact";
import { Gallery } from "@/features/media/gallery";
import { useT } from "@/lib/i18n";

const MergeDialog = lazy(async () => ({ default: (await import("@/features/contact-pane/merge-dialog")).MergeDialog }));

export interface ContactCardProps {
  contactId: string;
  /** The conversation beside which the card stands; without one it is a page of its own. */
  chatId?: string;
  /** Shown while the card is on its way. */
  name?: string | undefined;
}

/** Everything that is known of a contact, and what people do with it. */
export function ContactCard({ contactId, chatId, name }: ContactCardProps) {
  const { data: contact, error, isError, isFetching, refetch } = useContact(contactId);
  const [merging, setMerging] = useState(false);
  if (!contact) {
    if (isError) return <ErrorState error={error} onRetry={() => void refetch()} retrying={isFetching} />;
    return <ContactSkeleton name={name} id={contactId} />;
  }
  const onMerge = () => setMerging(true);
  return (
    <>
      <ContactHeader contact={contact} beside={chatId !== undefined} onMerge={onMerge} />
      {chatId === undefined ? <OnPage contact={contact} onMerge={onMerge} /> : <Beside contact={contact} chatId={chatId} onMerge={onMerge} />}
      {merging && (
        <Suspense>
          <MergeDialog contact={contact} onClose={() => setMerging(false)} />
        </Suspense>
      )}
    </>
  );
}

interface PartsProps {
  contact: Contact;
  onMerge: () => void;
}

function Beside({ contact, chatId, onMerge }: PartsProps & { chatId: string }) {
  const t = useT();
  return (
    <>
      <DetailsSection contact={contact} />
      <LabelsSection chatId={chatId} />
      <FollowUpsSection chatId={chatId} />
      <NotesSection contact={contact} />
      <AttributesSection contact={contact} />
      <ConversationsSection contact={contact} chatId={chatId} />
      <Section name="files" title={t("contacts.files")} closed>
        <Gallery chatId={chatId} />
      </Section>
      <ChannelsSection contact={contact} />
      <MergedSection contact={contact} onMerge={onMerge} />
    </>
  );
}

/** In two columns where there is room. */
function OnPage({ contact, onMerge }: PartsProps) {
  return (
    <div className="grid grid-cols-1 @3xl:grid-cols-2 @3xl:gap-x-6">
      <div className="min-w-0">
        <DetailsSection contact={contact} />
        <AttributesSection contact={contact} />
        <ChannelsSection contact={contact} />
        <MergedSection contact={contact} onMerge={onMerge} />
      </div>
      <div className="min-w-0">
        <ConversationsSection contact={contact} chatId={undefined} />
        <NotesSection contact={contact} />
      </div>
    </div>
  );
}
