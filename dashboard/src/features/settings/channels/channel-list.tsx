import { Link } from "@tanstack/react-router";
import { MessageCircle, MessageSquare, Phone, Plus, RadioTower, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import type { ChannelKind } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { useChannels, type Channel } from "@/features/settings/channels/use-channels";
import { Row, Rows } from "@/features/settings/parts/card";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { formatNumber, useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

const ICONS: Record<ChannelKind, LucideIcon> = { wmsg: MessageCircle, wvoice: Phone, sms: MessageSquare, phone: Phone };

/** The numbers at which customers reach the business. */
export function ChannelList() {
  const t = useT();
  const may = useCan("admin");
  const add = may && (
    <Link to="/settings/$section" params={{ section: "channels" }} search={{ new: "1" }} className={buttonClass("primary")}>
      <Plus aria-hidden />
      {t("settings.channel_add")}
    </Link>
  );
  return (
    <SectionPage title={t("settings.channels_title")} description={t("settings.channels_text")} changes="admin" actions={add}>
      <Loaded query={useChannels()}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState icon={RadioTower} title={t("settings.channels_empty")}>{t("settings.channels_empty_text")}</EmptyState>
          ) : (
            <Rows label={t("settings.channels_title")}>
              {items.map((channel) => (
                <ChannelRow key={channel.channel_id} channel={channel} may={may} />
              ))}
            </Rows>
          )
        }
      </Loaded>
    </SectionPage>
  );
}

function ChannelRow({ channel, may }: { channel: Channel; may: boolean }) {
  const t = useT();
  const Icon = ICONS[channel.channel];
  const kind = t(`common.channel_${channel.channel}`);
  return (
    <Row>
      <Icon aria-hidden className="size-5 shrink-0 text-muted" />
      <div className="min-w-0 flex-1 basis-52">
        <div className="flex flex-wrap items-center gap-2 font-medium">
          {kind}
          <bdi>{channel.address}</bdi>
          <ChannelState channel={channel} />
        </div>
        <div className="text-sm text-muted">
          <span className="capitalize">{channel.carrier}</span> · {t("settings.channel_rate_short", { rate: formatNumber(channel.rate) })}
          {channel.state === "stopped" && channel.state_reason && <span className="text-danger"> · {channel.state_reason}</span>}
        </div>
      </div>
      {may && (
        <Link to="/settings/$section" params={{ section: "channels" }} search={{ channel: channel.channel_id }} className={buttonClass("secondary")}
          aria-label={t("settings.channel_open_of", { kind, address: channel.address })}>
          {t("settings.channel_open")}
        </Link>
      )}
    </Row>
  );
}

export function ChannelState({ channel }: { channel: Channel }): ReactNode {
  const t = useT();
  if (channel.state === "active") return <Badge tone="success">{t("settings.channel_active")}</Badge>;
  return <Badge tone="danger">{t("settings.channel_stopped")}</Badge>;
}
