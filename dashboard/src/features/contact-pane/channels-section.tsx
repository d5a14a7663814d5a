import { useQuery } from "@tanstack/react-query";
import { Ban } from "lucide-react";
import { useState } from "react";
import type { ChannelKind, Contact, Page } from "@/api/types";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { type Channel, EVERY_CHANNEL, leftOf, setOptedOut } from "@/features/contact-pane/contact-changes";
import { Nothing, Section } from "@/features/contact-pane/section";
import { useTell } from "@/features/contact-pane/use-contact";
import { CHANNEL_ICONS } from "@/features/conversation-list/channel-icon";
import { api } from "@/lib/http";
import { formatDate, useT } from "@/lib/i18n";
import { useCan, useMe } from "@/lib/me";
import { keys } from "@/lib/query";

interface ChannelRow {
  channel_id: string;
  channel: ChannelKind;
  address: string;
}

/** The channels that the contact writes on or left, each once. */
function channelsOf(contact: Contact, known: readonly ChannelRow[]): Channel[] {
  const all = new Map<string | null, Channel>();
  for (const { channel_id, channel } of contact.conversations) {
    const address = known.find((each) => each.channel_id === channel_id)?.address ?? "";
    all.set(channel_id, { channel_id, channel, channel_address: address });
  }
  const everywhere = leftOf(contact, null);
  for (const left of contact.opt_outs) {
    const { channel_id, channel, channel_address } = left;
    if (left !== everywhere) all.set(channel_id, { channel_id, channel, channel_address });
  }
  // Of a single one "all of them" says nothing more, unless somebody said it.
  return all.size > 1 || everywhere ? [...all.values(), EVERY_CHANNEL] : [...all.values()];
}

/** Where the contact may be written to, and what they said about that. */
export function ChannelsSection({ contact }: { contact: Contact }) {
  const t = useT();
  const tell = useTell();
  const me = useMe();
  const mayEdit = useCan("agent");
  const [asked, setAsked] = useState<Channel>();
  const [open, setOpen] = useState(false);
  const known = useQuery({
    queryKey: [...keys.channels, "addresses"],
    queryFn: async ({ signal }) => (await api.get<Page<ChannelRow>>("/api/v1/channels", undefined, { signal })).items,
    staleTime: 5 * 60_000,
  });
  const channels = channelsOf(contact, known.data ?? []);
  const nameOf = ({ channel, channel_address }: Channel) =>
    channel === null ? t("contacts.all_channels_in") : `${t(`common.channel_${channel}`)} ${channel_address ?? ""}`.trim();
  const everywhere = leftOf(contact, null);
  const out = asked !== undefined && leftOf(contact, asked.channel_id) !== undefined;
  const params = { name: contact.display_name, channel: asked ? nameOf(asked) : "" };

  function change(): void {
    setOpen(false);
    if (!asked) return;
    const reason = `by ${me.name || me.email}`;
    void tell(setOptedOut(contact, asked, !out, reason), { done: t(out ? "contacts.opted_in" : "contacts.opted_out", params) });
  }

  return (
    <Section name="channels" title={t("contacts.channels")}>
      {channels.length === 0 && <Nothing>{t("contacts.channels_empty")}</Nothing>}
      <ul className="flex flex-col gap-2">
        {channels.map((channel) => {
          const left = leftOf(contact, channel.channel_id);
          const shown = left ?? everywhere;
          const Icon = channel.channel === null ? Ban : CHANNEL_ICONS[channel.channel];
          return (
            <li key={channel.channel_id ?? ""} className="flex items-start gap-2">
              <Icon aria-hidden className="mt-1 size-4 shrink-0 text-muted" />
              <span className="min-w-0 flex-1 py-0.5">
                <span className="block">
                  {channel.channel === null ? t("contacts.all_channels") : t(`common.channel_${channel.channel}`)}
                  {channel.channel_address && <span className="ms-1.5 text-sm text-muted"><bdi dir="ltr">{channel.channel_address}</bdi></span>}
                </span>
                <span className={shown ? "block text-sm wrap-anywhere text-danger" : "block text-sm text-muted"}>
                  {shown ? t("contacts.left", { reason: shown.reason, date: formatDate(shown.at) }) : channel.channel === null ? t("contacts.all_channels_may") : t("contacts.may_write")}
                </span>
              </span>
              {mayEdit && (
                <Button
                  size="sm"
                  variant="ghost"
                  className="text-muted"
                  aria-label={t(left ? "contacts.opt_in_label" : "contacts.opt_out_label", { channel: nameOf(channel) })}
                  onClick={() => {
                    setAsked(channel);
                    setOpen(true);
                  }}
                >
                  {t(left ? "contacts.opt_in" : "contacts.opt_out")}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      <AlertDialog
        open={open}
        onOpenChange={setOpen}
        title={t(out ? "contacts.opt_in_title" : "contacts.opt_out_title", params)}
        description={t(out ? "contacts.opt_in_text" : "contacts.opt_out_text", params)}
        action={t(out ? "contacts.opt_in" : "contacts.opt_out")}
        danger={!out}
        onAction={change}
      />
    </Section>
  );
}
