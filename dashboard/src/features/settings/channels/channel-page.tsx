import { Link, useNavigate } from "@tanstack/react-router";
import { EmptyState } from "@/components/ui/empty-state";
import { buttonClass } from "@/components/ui/button";
import { ChannelState } from "@/features/settings/channels/channel-list";
import { ChannelSettings } from "@/features/settings/channels/channel-settings";
import { CredentialsCard } from "@/features/settings/channels/credentials-card";
import { MetaCredentialsCard } from "@/features/settings/channels/meta-credentials-card";
import { SetupChecks } from "@/features/settings/channels/setup-checks";
import { Steps } from "@/features/settings/channels/steps";
import { useChannels, useSetup, type Channel } from "@/features/settings/channels/use-channels";
import { WebhookAddresses } from "@/features/settings/channels/webhook-addresses";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useT } from "@/lib/i18n";

/** `step`: within the set-up of a new channel; null: all of it. */
export function ChannelPage({ channelId, step }: { channelId: string; step: 3 | 4 | null }) {
  const t = useT();
  const channels = useChannels();
  const channel = channels.data?.find((each) => each.channel_id === channelId);
  const title = channel ? `${t(`common.channel_${channel.channel}`)} ${channel.address}` : t("settings.channels_title");
  return (
    <SectionPage title={title} below="channels" actions={channel && <ChannelState channel={channel} />}>
      <Loaded query={channels}>
        {() =>
          !channel ? (
            <EmptyState title={t("settings.channel_gone")} />
          ) : step === null ? (
            <Everything channel={channel} />
          ) : (
            <Step channel={channel} step={step} />
          )
        }
      </Loaded>
    </SectionPage>
  );
}

function Everything({ channel }: { channel: Channel }) {
  const navigate = useNavigate();
  const setup = useSetup(channel.channel_id, false);
  return (
    <>
      <SetupChecks channel={channel} listening={false} />
      <Loaded query={setup}>{(found) => <WebhookAddresses channel={channel} setup={found} />}</Loaded>
      <ChannelSettings channel={channel} onRemoved={() => void navigate({ to: "/settings/$section", params: { section: "channels" }, search: {} })} />
      <Credentials channel={channel} />
    </>
  );
}

function Credentials({ channel }: { channel: Channel }) {
  return channel.carrier === "meta" ? <MetaCredentialsCard channel={channel} /> : <CredentialsCard channel={channel} />;
}

function Step({ channel, step }: { channel: Channel; step: 3 | 4 }) {
  const t = useT();
  const setup = useSetup(channel.channel_id, false);
  const go = (search: Record<string, string>, label: string, primary: boolean) => (
    <Link to="/settings/$section" params={{ section: "channels" }} search={search} className={buttonClass(primary ? "primary" : "secondary")}>
      {label}
    </Link>
  );
  const channelParam = { channel: channel.channel_id };
  return (
    <>
      <Steps at={step} />
      {step === 3 ? (
        <>
          <Loaded query={setup}>{(found) => <WebhookAddresses channel={channel} setup={found} />}</Loaded>
          <div className="flex justify-end">{go({ ...channelParam, step: "4" }, t("settings.addresses_pasted"), true)}</div>
        </>
      ) : (
        <>
          <SetupChecks channel={channel} listening />
          {setup.data?.credentials_ok === false && <Credentials channel={channel} />}
          <div className="flex justify-between">
            {go({ ...channelParam, step: "3" }, t("common.back"), false)}
            {go(channelParam, t("common.done"), true)}
          </div>
        </>
      )}
    </>
  );
}
