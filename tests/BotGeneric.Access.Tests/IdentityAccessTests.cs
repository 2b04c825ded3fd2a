extern alias identity;

using BotGeneric.Access.Tests.Walk;
using BotGeneric.Contracts.Identity;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Testing.Services;
using identity::BotGeneric.Identity.Accounts;
using identity::BotGeneric.Identity.Data;
using identity::BotGeneric.Identity.Domain;
using identity::BotGeneric.Identity.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Access.Tests;

/// <summary>The service that knows people: with somebody who has one of everything, and a stranger who is somebody elsewhere.</summary>
public sealed class IdentityAccessTests(IdentityAccessTests.Application application)
    : ServiceAccessTests<identity::Program>(application, "identity"), IClassFixture<IdentityAccessTests.Application>
{
    private static readonly string[] Personal = [.. ApiScopes.All];

    [Fact]
    public async Task No_page_for_those_who_are_signed_in_opens_without_a_session()
    {
        using var client = application.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = false });
        var walk = new PageWalk(application.Services);

        Assert.True(await walk.TryWithoutSessionAsync(client) > 50);

        Assert.True(walk.Findings.Count == 0, string.Join(Environment.NewLine, walk.Findings));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_page_lets_a_stranger_see_or_touch_what_belongs_to_another_account(bool isOrganization)
    {
        var probe = (await SeedAsync(Guid.Empty, isOrganization))!;
        using var client = application.CreateClient();
        var reading = new AccessWalk("identity", application.Services, client);
        var before = await reading.RecordAsync(probe, probe.Owner!);
        // Over TLS, as the issuer is: the session's cookie goes nowhere else.
        using var browser = application.CreateClient(
            new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, BaseAddress = new Uri("https://localhost") });
        using var signedIn = await browser.GetAsync($"{Application.Door}?user={probe.Stranger!.Subject}");
        signedIn.EnsureSuccessStatusCode();
        var walk = new PageWalk(application.Services);

        await walk.TryAsStrangerAsync(browser, probe, "/account");

        Assert.True(walk.Findings.Count == 0, string.Join(Environment.NewLine, walk.Findings));
        Assert.Equal(before, await reading.RecordAsync(probe, probe.Owner!));
    }

    private protected override async Task<Probe?> SeedAsync(Guid account, bool isOrganization)
    {
        _ = application.Server;
        await using var scope = application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<IdentityDbContext>();
        var now = application.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        var marker = $"seed{Guid.CreateVersion7():N}";
        var (owner, member, stranger) = (Person(now, marker), Person(now, $"{marker}-member"), Person(now, "stranger"));
        var (own, foreign) = (Session(owner.Id, now), Session(stranger.Id, now));
        var (organization, elsewhere) = (Organization.Create(marker, now), Organization.Create("Elsewhere", now));
        var invitation = Invitation.Create(
            organization.Id, $"{marker}-invited@example.test", $"{marker}-invited@example.test".ToUpperInvariant(), OrganizationRoles.Member, owner.Id,
            Guid.CreateVersion7().ToByteArray(), now, TimeSpan.FromDays(7));
        var personalKey = Key(owner.Id, null, marker, now);
        var organizationKey = Key(owner.Id, organization.Id, marker, now);
        db.AddRange(owner, member, stranger, own, foreign, organization, elsewhere, invitation, personalKey, organizationKey);
        db.AddRange(
            Membership.Join(organization.Id, owner.Id, OrganizationRoles.Owner, now),
            Membership.Join(organization.Id, member.Id, OrganizationRoles.Member, now),
            Membership.Join(elsewhere.Id, stranger.Id, OrganizationRoles.Owner, now));
        db.Add(ExternalIdentity.Link(owner.Id, "google", marker, null, now));
        await db.SaveChangesAsync();

        var key = (isOrganization ? organizationKey : personalKey).Id.ToString();
        return new Probe(isOrganization ? organization.Id : owner.Id, marker)
        {
            Owner = Token(owner.Id, own.Id, isOrganization ? organization.Id : null),
            Stranger = Token(stranger.Id, foreign.Id, isOrganization ? elsewhere.Id : null),
            // The schema cannot say that the limit is a number or null.
            Body = (operation, _) => operation.Name == "PATCH /api/keys/{id}" ? """{ "name": "taken" }""" : null,
            Ids = new Dictionary<string, string>
            {
                ["/api/organizations/{id}"] = organization.Id.ToString(),
                ["/api/organizations/{id}/members/{userId}"] = member.Id.ToString(),
                ["/api/organizations/{id}/invitations/{invitationId}"] = invitation.Id.ToString(),
                ["/api/keys/{id}"] = key,
                ["/api/sessions/{id}"] = own.Id.ToString(),
                ["/api/admin/users/{id}"] = owner.Id.ToString(),
                ["/api/admin/organizations/{id}"] = organization.Id.ToString(),
                ["/account/organizations/{id}"] = organization.Id.ToString(),
                ["/account/organizations/{id}/members/{userId}"] = member.Id.ToString(),
                ["/account/organizations/{id}/invitations/{invitationId}"] = invitation.Id.ToString(),
                ["/account/keys/{id}"] = key,
                ["/account/sessions/{id}"] = own.Id.ToString(),
                ["/account/admin/clients/{clientId}"] = "gateway",
            },
        };
    }

    private static TestToken Token(Guid user, Guid session, Guid? organization) => new()
    {
        Subject = user.ToString(),
        SessionId = session.ToString(),
        SignedInAgo = TimeSpan.Zero,
        Scopes = Personal,
        Organization = organization,
        OrganizationRole = organization is null ? null : OrganizationRoles.Owner,
    };

    private static User Person(DateTimeOffset now, string name)
    {
        var user = User.Create(now, "en", $"{name}-{Guid.CreateVersion7():N}@example.test");
        user.DisplayName = name;
        user.NormalizedUserName = user.UserName!.ToUpperInvariant();
        user.NormalizedEmail = user.Email!.ToUpperInvariant();
        return user;
    }

    private static UserSession Session(Guid user, DateTimeOffset now) => UserSession.Start(user, ["pwd"], now, TimeSpan.FromDays(1), null, null);

    private static ApiKey Key(Guid user, Guid? organization, string name, DateTimeOffset now) => ApiKey.Create(
        Guid.NewGuid().ToString("N")[..8], Guid.NewGuid().ToByteArray(), user, organization, name, [ApiScopes.UsageRead], now, null);

    public sealed class Application() : ServiceApplication<identity::Program>("identity")
    {
        public const string Door = "/walk/sign-in";

        protected override void ConfigureServices(IServiceCollection services) => services.AddSingleton<IStartupFilter, SignInDoor>();

        // Signs a browser in without the pages that do it, which are tested elsewhere.
        private sealed class SignInDoor : IStartupFilter
        {
            public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
            {
                app.Use(async (context, rest) =>
                {
                    if (context.Request.Path != Door)
                    {
                        await rest(context);
                        return;
                    }

                    var id = Guid.Parse(context.Request.Query["user"].ToString());
                    var services = context.RequestServices;
                    var user = await services.GetRequiredService<IdentityDbContext>().Users.SingleAsync(candidate => candidate.Id == id);
                    await services.GetRequiredService<SessionService>().StartAsync(context, user, ["pwd"], context.RequestAborted);
                });
                next(app);
            };
        }
    }
}
