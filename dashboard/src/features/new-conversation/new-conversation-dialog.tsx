import { Link } from "@tanstack/react-router";
import { CircleAlert, RadioTower } from "lucide-react";
import { useId, useState } from "react";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button, buttonClass } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { NewConversationFields } from "@/features/new-conversation/new-conversation-fields";
import type { Beginning } from "@/features/new-conversation/opening";
import { useNewConversation } from "@/features/new-conversation/use-new-conversation";
import { useSendingChannels, type SendingChannel } from "@/features/new-conversation/use-sending-channels";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

export interface NewConversationDialogProps {
  known: Beginning;
  onClose: () => void;
}

/** Writes to a customer first: whom, on which channel, and what about. */
export function NewConversationDialog({ known, onClose }: NewConversationDialogProps) {
  const t = useT();
  const channels = useSendingChannels();
  if (channels.data && channels.data.length > 0) return <OpenDialog known={known} channels={channels.data} onClose={onClose} />;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("list.new_conversation")} size="lg">
      {channels.isPending && (
        <div className="flex flex-col gap-3">
          <Skeleton className="h-12 w-full" />
          <Skeleton className="h-12 w-full" />
          <Skeleton className="h-32 w-full" />
        </div>
      )}
      {channels.isError && <ErrorState error={channels.error} onRetry={() => void channels.refetch()} retrying={channels.isFetching} />}
      {channels.data && <NoChannel />}
    </Dialog>
  );
}

function OpenDialog({ known, channels, onClose }: NewConversationDialogProps & { channels: readonly SendingChannel[] }) {
  const t = useT();
  const id = useId();
  const [asking, setAsking] = useState(false);
  const form = useNewConversation(known, channels, onClose);
  const close = () => (form.isDirty && !form.isPending ? setAsking(true) : onClose());
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && close()}
      title={t("list.new_conversation")}
      size="lg"
      footer={
        <>
          <div role="alert" className={form.whole ? "me-auto flex min-w-0 flex-1 basis-60 items-start gap-1.5 text-sm text-danger" : "hidden"}>
            {form.whole && <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />}
            <span>
              {form.whole}
              {form.isShort && <CreditLink />}
            </span>
          </div>
          <Button onClick={close}>{t("common.cancel")}</Button>
          <Button type="submit" form={id} variant="primary" pending={form.isPending}>
            {t(form.draft.sendAt ? "outreach.new_schedule" : "outreach.new_start")}
          </Button>
        </>
      }
    >
      <form
        id={id}
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          form.submit();
          // Once what is wrong is marked.
          setTimeout(() => document.getElementById(id)?.querySelector<HTMLElement>("[aria-invalid]")?.focus(), 50);
        }}
      >
        <NewConversationFields form={form} channels={channels} />
      </form>
      <AlertDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("outreach.new_discard_title")}
        description={t("outreach.new_discard_text")}
        action={t("outreach.new_discard")}
        danger
        onAction={onClose}
      />
    </Dialog>
  );
}

function CreditLink() {
  const t = useT();
  const isAdmin = useCan("admin");
  if (!isAdmin) return null;
  return (
    <>
      {" "}
      <Link to="/settings/$section" params={{ section: "credits" }} search={{}} className="underline underline-offset-2">
        {t("common.credit_top_up")}
      </Link>
    </>
  );
}

function NoChannel() {
  const t = useT();
  const isAdmin = useCan("admin");
  return (
    <EmptyState
      icon={RadioTower}
      title={t("outreach.new_no_channel")}
      action={isAdmin && (
        <Link to="/settings/$section" params={{ section: "channels" }} search={{ new: "1" }} className={buttonClass("primary")}>
          {t("outreach.new_add_channel")}
        </Link>
      )}
    >
      {t(isAdmin ? "outreach.new_no_channel_admin" : "outreach.new_no_channel_agent")}
    </EmptyState>
  );
}
