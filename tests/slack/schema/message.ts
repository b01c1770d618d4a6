// The messages we send, in Slack's own types: the blocks of which they consist, and no others.
import type {
  ActionsBlock, Button, ContextBlock, DividerBlock, HeaderBlock, ImageBlock, MessageMetadata, SectionBlock,
} from "@slack/types";

export interface Buttons extends Omit<ActionsBlock, "elements"> {
  elements: Button[];
}

export interface Section extends Omit<SectionBlock, "accessory"> {
  accessory?: Button;
}

export interface Message {
  channel?: string;
  ts?: string;
  thread_ts?: string;
  reply_broadcast?: boolean;
  unfurl_links?: boolean;
  unfurl_media?: boolean;
  post_at?: number;
  text: string;
  blocks?: (Buttons | ContextBlock | DividerBlock | HeaderBlock | ImageBlock | Section)[];
  metadata?: MessageMetadata;
}
