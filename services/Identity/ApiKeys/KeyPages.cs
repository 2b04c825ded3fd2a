namespace BotGeneric.Identity.ApiKeys;
public static class KeyPages { public static void MapKeyPages(this IEndpointRouteBuilder app) { } }
