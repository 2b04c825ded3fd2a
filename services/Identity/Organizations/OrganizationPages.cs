namespace BotGeneric.Identity.Organizations;
public static class OrganizationPages { public static void MapOrganizationPages(this IEndpointRouteBuilder app) { } }
