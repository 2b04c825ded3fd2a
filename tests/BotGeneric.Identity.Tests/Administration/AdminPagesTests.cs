using System.Collections;
using System.Globalization;
using System.Net;
using System.Resources;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Identity.Tests.Support.People;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Administration;

/// <summary>The pages of those who run the system.</summary>
public sealed class AdminPagesTests(PeopleApplication identity) : IClassFixture<PeopleApplication>
{
    private const string Users = "/account/admin/users";
    private const string Audit = "/account/admin/audit";

    [Fact]
    public async Task Nobody_else_finds_any_page_of_admins_or_a_way_to_it()
    {
        var (person, other) = (await identity.CreatePersonAsync("person"), await identity.CreatePersonAsync("other"));
        using var browser = await person.BrowseAsync();
        using var stranger = identity.OpenBrowser();
        var endpoints = identity.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/account/admin/", StringComparison.Ordinal)).ToList();

        Assert.True(endpoints.Count > 15, $"Only {endpoints.Count} pages were found.");
        foreach (var endpoint in endpoints)
        {
            var address = endpoint.RoutePattern.RawText!.Replace("{id:guid}", other.Id.ToString(), StringComparison.Ordinal)
                .Replace("{clientId}", "gateway", StringComparison.Ordinal);
            foreach (var method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Select(name => new HttpMethod(name)))
            {
                var own = await StatusAsync(browser, method, address);
                Assert.True(own is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{method} {address} answered {(int)own}.");
                Assert.Equal(HttpStatusCode.Found, await StatusAsync(stranger, method, address));
            }
        }

        Assert.DoesNotContain("/account/admin", await browser.ReadAsync("/account"), StringComparison.Ordinal);
        Assert.Equal("active", await StateAsync(other));
    }

    [Fact]
    public async Task An_admin_without_a_second_factor_is_asked_for_one()
    {
        var admin = await identity.CreatePersonAsync("admin", isAdmin: true);
        using var browser = await admin.BrowseAsync();
        await identity.WithDatabaseAsync(db => db.Database.ExecuteSqlAsync($"UPDATE sessions SET methods = ARRAY['pwd'] WHERE user_id = {admin.Id}"));

        using var page = await browser.GetAsync($"{Users}?state=locked");

        Assert.Equal($"/account/confirm?returnUrl={Uri.EscapeDataString($"{Users}?state=locked")}&factor=mfa", page.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task People_are_found_page_by_page()
    {
        var admin = await identity.CreatePersonAsync("admin", isAdmin: true);
        var name = $"Crowd{Guid.NewGuid():N}";
        foreach (var _ in Enumerable.Range(0, 51))
        {
            await identity.CreatePersonAsync(name);
        }

        using var browser = await admin.BrowseAsync();
        Assert.Contains($"href=\"{Users}\"", await browser.ReadAsync("/account"), StringComparison.Ordinal);
        var first = await browser.ReadAsync($"{Users}?search={name}");
        var next = WebUtility.HtmlDecode(first.Split("rel=\"next\"")[0].Split("href=\"")[^1].Split('"')[0]);
        var second = await browser.ReadAsync(next);

        Assert.Equal(50, Rows(first));
        Assert.Equal(1, Rows(second));
        Assert.Equal(0, Rows(await browser.ReadAsync($"{Users}?search={name}&state=locked")));
        Assert.Equal(0, Rows(await browser.ReadAsync($"{Users}?search={name}&role=admin")));

        static int Rows(string html) => html.Split("<th scope=\"row\">").Length - 1;
    }

    [Fact]
    public async Task An_admin_locks_unlocks_promotes_and_signs_out_on_the_pages_of_a_person()
    {
        var (admin, person) = (await identity.CreatePersonAsync("admin", isAdmin: true), await identity.CreatePersonAsync("Mira"));
        await person.CreateOrganizationAsync("Mira and friends");
        await person.Api.SendAsync(HttpMethod.Post, "/api/keys", new { name = "Her key", scopes = new[] { "usage:read" } });
        using var browser = await admin.BrowseAsync();
        var page = $"{Users}/{person.Id}";

        var html = await browser.ReadAsync(page);
        foreach (var word in new[] { "Mira", person.Email, "Mira and friends", "Her key", "organization.created", "No password" })
        {
            Assert.True(html.Contains(word, StringComparison.Ordinal), $"The page lacks '{word}'.");
        }

        using var nothing = await browser.SubmitAsync(page, $"{page}/lock", ("reason", " "));
        Assert.Equal(HttpStatusCode.BadRequest, nothing.StatusCode);
        Assert.Contains("aria-invalid=\"true\"", await nothing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await DoAsync(browser, page, "lock", "locked", ("reason", "abuse of <b>others</b>"));
        Assert.Equal("locked", await StateAsync(person));
        Assert.Contains("abuse of &lt;b&gt;others", await browser.ReadAsync(page), StringComparison.Ordinal);
        await DoAsync(browser, page, "unlock", "unlocked");
        Assert.Equal("active", await StateAsync(person));
        await DoAsync(browser, page, "admin", "granted");
        Assert.True(await IsAdminAsync(person));
        await DoAsync(browser, page, "admin/withdraw", "withdrawn");
        Assert.False(await IsAdminAsync(person));
        using var theirs = await person.BrowseAsync();
        await DoAsync(browser, page, "sessions/revoke", "signed-out");
        Assert.Equal(HttpStatusCode.Found, await StatusAsync(theirs, HttpMethod.Get, "/account"));
        Assert.Equal(admin.Id, await identity.WithDatabaseAsync(db => db.AuditEntries
            .Where(entry => entry.UserId == person.Id && entry.Action == AuditActions.UserLocked).Select(entry => entry.ActorId).SingleAsync()));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(browser, HttpMethod.Get, $"{Users}/{Guid.NewGuid()}"));
    }

    [Theory]
    [InlineData("en", "Part of another account")]
    [InlineData("ru", "Часть другой учётной записи")]
    [InlineData("uk", "Частина іншого облікового запису")]
    public async Task An_account_that_became_part_of_another_is_shown_and_nothing_is_offered_for_it(string language, string state)
    {
        var (admin, kept, merged) = (await identity.CreatePersonAsync("admin", isAdmin: true), await identity.CreatePersonAsync("kept"), await identity.CreatePersonAsync("merged"));
        await identity.WithDatabaseAsync(async db =>
        {
            (await db.Users.SingleAsync(user => user.Id == merged.Id)).BecomePartOf(kept.Id, identity.Time.GetUtcNow());
            return await db.SaveChangesAsync();
        });
        using var browser = await admin.BrowseAsync();
        browser.Client.DefaultRequestHeaders.Add("Accept-Language", language);

        var all = await browser.ReadAsync(Users);
        var found = await browser.ReadAsync($"{Users}?state=merged");
        var page = await browser.ReadAsync($"{Users}/{merged.Id}");
        var answer = await admin.Api.ReadAsync($"/api/admin/users?state=merged&search={merged.Id}");

        Assert.All([all, found, page], html => Assert.Contains(state, WebUtility.HtmlDecode(html), StringComparison.Ordinal));
        Assert.Contains(merged.Id.ToString(), found, StringComparison.Ordinal);
        Assert.DoesNotContain(kept.Id.ToString(), found, StringComparison.Ordinal);
        Assert.DoesNotContain($"{merged.Id}/", page, StringComparison.Ordinal);
        Assert.Equal("merged", Assert.Single(answer.GetProperty("items").EnumerateArray()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task The_audit_log_names_people_and_organizations_beside_their_ids()
    {
        var (admin, person) = (await identity.CreatePersonAsync("Chief", isAdmin: true), await identity.CreatePersonAsync("Marta"));
        var organization = await person.CreateOrganizationAsync("Marta and friends");
        using var browser = await admin.BrowseAsync();

        var html = await browser.ReadAsync($"{Audit}?organization={organization}");

        Assert.Contains($"Marta ({person.Email})</a> <span class=\"hint\">{person.Id}</span>", html, StringComparison.Ordinal);
        Assert.Contains($"Marta and friends ({organization})", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_day_in_the_search_of_the_audit_log_is_one_of_the_admins_own()
    {
        var admin = await identity.CreatePersonAsync("admin", isAdmin: true);
        await identity.WithDatabaseAsync(db => db.Users.Where(user => user.Id == admin.Id)
            .ExecuteUpdateAsync(update => update.SetProperty(user => user.TimeZone, "Pacific/Kiritimati")));
        await admin.CreateOrganizationAsync("Early birds");
        using var browser = await admin.BrowseAsync();
        // Fourteen hours ahead of UTC, so that the day there is another one for most of the day.
        var day = identity.Time.GetUtcNow().ToOffset(TimeSpan.FromHours(14));

        Assert.Contains("organization.created", await browser.ReadAsync($"{Audit}?user={admin.Id}&from={Day(0)}&to={Day(0)}"), StringComparison.Ordinal);
        Assert.DoesNotContain("organization.created", await browser.ReadAsync($"{Audit}?user={admin.Id}&from={Day(1)}"), StringComparison.Ordinal);
        Assert.DoesNotContain("organization.created", await browser.ReadAsync($"{Audit}?user={admin.Id}&to={Day(-1)}"), StringComparison.Ordinal);

        string Day(int from) => day.AddDays(from).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task The_audit_log_is_searched_and_verified()
    {
        var admin = await identity.CreatePersonAsync("admin", isAdmin: true);
        using var browser = await admin.BrowseAsync();
        var today = identity.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        var found = await browser.ReadAsync($"{Audit}?action=session.started&user={admin.Id}&from={today}&to={today}");
        var none = await browser.ReadAsync($"{Audit}?action=session.started&user={admin.Id}&to=2020-01-01");
        using var invalid = await browser.GetAsync($"{Audit}?actor=somebody");
        var verified = await browser.ReadAsync($"{Audit}/verify");

        Assert.Contains("<td data-label=\"What\">session.started</td>", found, StringComparison.Ordinal);
        Assert.DoesNotContain("<td", none, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, invalid.StatusCode);
        Assert.Contains("The log is whole.", verified, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deletions_are_listed_with_the_services_that_have_not_answered()
    {
        var admin = await identity.CreatePersonAsync("admin", isAdmin: true);
        var now = identity.Time.GetUtcNow();
        var (waiting, cancelled, running) = (Request(), Request(), Request());
        cancelled.Cancel(now);
        running.Start(now);
        await identity.WithDatabaseAsync(db =>
        {
            db.AddRange(waiting, cancelled, running, new ErasureAcknowledgement(running.UserId, "billing", now));
            return db.SaveChangesAsync();
        });
        using var browser = await admin.BrowseAsync();

        var rows = (await browser.ReadAsync("/account/admin/erasures")).Split("<tr>");

        Assert.Contains("Days of grace", RowOf(waiting), StringComparison.Ordinal);
        Assert.Contains("Called off", RowOf(cancelled), StringComparison.Ordinal);
        Assert.Contains("Under way", RowOf(running), StringComparison.Ordinal);
        Assert.Contains("1 of 7 have answered. No answer yet: agents, analytics, notifications, policy, telegram, usage", RowOf(running), StringComparison.Ordinal);

        Erasure Request() => Erasure.Request(Guid.CreateVersion7(), now, TimeSpan.FromDays(30));
        string RowOf(Erasure erasure) => Assert.Single(rows, row => row.Contains($"{erasure.UserId}</a>", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("en")]
    [InlineData("ru")]
    [InlineData("uk")]
    public async Task The_pages_speak_every_language_and_keep_to_the_content_policy(string language)
    {
        var (admin, person) = (await identity.CreatePersonAsync("admin", isAdmin: true), await identity.CreatePersonAsync("person"));
        using var browser = await admin.BrowseAsync();
        browser.Client.DefaultRequestHeaders.Add("Accept-Language", language);

        foreach (var address in new[] { Users, $"{Users}/{person.Id}", $"{Users}/{admin.Id}", Audit, $"{Audit}/verify", "/account/admin/erasures", "/account/admin/clients" })
        {
            var html = await browser.ReadAsync(address);
            Assert.Contains($"<html lang=\"{language}\"", html, StringComparison.Ordinal);
            Assert.DoesNotContain("style=\"", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("BotGeneric.Identity.Administration.AdministrationTexts")]
    [InlineData("BotGeneric.Identity.Impersonation.ImpersonationTexts")]
    public void Every_text_stands_in_every_language(string set)
    {
        var resources = new ResourceManager(set, typeof(Program).Assembly);
        var english = Texts("");

        Assert.NotEmpty(english);
        foreach (var language in new[] { "ru", "uk" })
        {
            var texts = Texts(language);
            Assert.Equal(english.Keys.Order(), texts.Keys.Order());
            Assert.All(texts, text => Assert.Equal(english[text.Key].Count(letter => letter == '{'), text.Value.Count(letter => letter == '{')));
        }

        Dictionary<string, string> Texts(string language) => resources
            .GetResourceSet(CultureInfo.GetCultureInfo(language), createIfNotExists: true, tryParents: false)!
            .Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);
    }

    private static async Task DoAsync(Browser browser, string page, string act, string done, params (string, string)[] fields)
    {
        using var answer = await browser.SubmitAsync(page, $"{page}/{act}", fields);
        Assert.Equal($"{page}?done={done}", answer.Headers.Location?.OriginalString);
        Assert.Contains("notice-success", await browser.ReadAsync($"{page}?done={done}"), StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> StatusAsync(Browser browser, HttpMethod method, string address)
    {
        using var request = new HttpRequestMessage(method, address) { Content = method == HttpMethod.Get ? null : new FormUrlEncodedContent([]) };
        using var answer = await browser.Client.SendAsync(request);
        return answer.StatusCode;
    }

    private Task<string> StateAsync(Person person) => identity.WithDatabaseAsync(async db => (await db.Users.SingleAsync(user => user.Id == person.Id)).State);

    private Task<bool> IsAdminAsync(Person person) => identity.WithDatabaseAsync(async db => (await db.Users.SingleAsync(user => user.Id == person.Id)).IsAdmin);
}
