/** The sections of the settings: their addresses, their order, and who has something to see there. */
import {
  Ban, BookOpen, Bookmark, Bot, Building2, Clock, Coins, History, KeyRound, LayoutTemplate, Mails, MessageSquareText, RadioTower, Tag, UserRound, Users, UsersRound,
  type LucideIcon,
} from "lucide-react";
import { lazy, type ComponentType, type LazyExoticComponent } from "react";
import type { Role } from "@/api/types";
import { withTexts, type TextKey } from "@/lib/i18n";

export interface Section {
  id: string;
  title: TextKey;
  icon: LucideIcon;
  /** The least role that may see anything of it. */
  least: Role;
  Component: LazyExoticComponent<ComponentType>;
}

export interface SectionGroup {
  label: TextKey;
  sections: readonly Section[];
}

const page = <Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name) =>
  lazy(async () => ({ default: (await load())[name] }));

export const GROUPS: readonly SectionGroup[] = [
  {
    label: "settings.group_you",
    sections: [
      { id: "account", title: "settings.account_title", icon: UserRound, least: "viewer", Component: page(() => import("@/features/settings/account/account-section"), "AccountSection") },
    ],
  },
  {
    label: "settings.group_answering",
    sections: [
      { id: "assistants", title: "settings.assistants_title", icon: Bot, least: "viewer", Component: page(() => import("@/features/settings/assistants/assistants-section"), "AssistantsSection") },
      { id: "documents", title: "settings.documents_title", icon: BookOpen, least: "agent", Component: page(() => import("@/features/settings/documents/documents-section"), "DocumentsSection") },
      { id: "channels", title: "settings.channels_title", icon: RadioTower, least: "viewer", Component: page(() => import("@/features/settings/channels/channels-section"), "ChannelsSection") },
      { id: "templates", title: "settings.templates_title", icon: LayoutTemplate, least: "viewer", Component: page(() => withTexts("outreach", import("@/features/settings/templates/templates-section")), "TemplatesSection") },
      { id: "email-pulls", title: "settings.email_pulls_title", icon: Mails, least: "viewer", Component: page(() => withTexts("outreach", withTexts("campaigns", import("@/features/settings/email-pulls/email-pulls-section"))), "EmailPullsSection") },
      { id: "business-hours", title: "settings.hours_title", icon: Clock, least: "viewer", Component: page(() => import("@/features/settings/hours/hours-section"), "HoursSection") },
    ],
  },
  {
    label: "settings.group_team",
    sections: [
      { id: "people", title: "settings.people_title", icon: Users, least: "viewer", Component: page(() => import("@/features/settings/people/people-section"), "PeopleSection") },
      { id: "teams", title: "settings.teams_title", icon: UsersRound, least: "viewer", Component: page(() => import("@/features/settings/teams/teams-section"), "TeamsSection") },
      { id: "canned-replies", title: "settings.canned_title", icon: MessageSquareText, least: "viewer", Component: page(() => import("@/features/settings/canned/canned-section"), "CannedSection") },
      { id: "labels", title: "settings.labels_title", icon: Tag, least: "viewer", Component: page(() => import("@/features/settings/labels/labels-section"), "LabelsSection") },
      { id: "views", title: "settings.views_title", icon: Bookmark, least: "viewer", Component: page(() => import("@/features/settings/views/views-section"), "ViewsSection") },
    ],
  },
  {
    label: "settings.group_business",
    sections: [
      { id: "domain", title: "settings.domain_title", icon: Building2, least: "viewer", Component: page(() => import("@/features/settings/domain/domain-section"), "DomainSection") },
      { id: "credits", title: "settings.credits_title", icon: Coins, least: "viewer", Component: page(() => withTexts("outreach", import("@/features/settings/credits/credits-section")), "CreditsSection") },
      { id: "opt-outs", title: "settings.opt_outs_title", icon: Ban, least: "viewer", Component: page(() => withTexts("audience", import("@/features/settings/opt-outs/opt-outs-section")), "OptOutsSection") },
      { id: "tokens", title: "settings.tokens_title", icon: KeyRound, least: "agent", Component: page(() => import("@/features/settings/tokens/tokens-section"), "TokensSection") },
      { id: "audit", title: "settings.audit_title", icon: History, least: "admin", Component: page(() => import("@/features/settings/audit/audit-section"), "AuditSection") },
    ],
  },
];

const ALL = GROUPS.flatMap((group) => group.sections);

/** Undefined for an address that leads nowhere. */
export const sectionOf = (id: string): Section | undefined => ALL.find((section) => section.id === id);
