/** Names and places in a site, as every layer says them. */
export type HostName = string;
export type EndpointName = string;
export type StackName = string;
/** A member is named for its host; `host:port` where one host serves an endpoint on two ports. */
export type MemberName = string;

/** A path into the site file, e.g. `['hosts', 'db1', 'address']`. */
export type SitePath = readonly (string | number)[];
