using System.Net;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Tests.External;
using BotGeneric.Identity.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Identity.Tests.Merging;

/// <summary>Who may make one account of two, and what nobody can do with an offer.</summary>
[Collection(ExternalCollection.Name)]
public sealed class MergeSafetyTests(ExternalApplication identity)
{
    [Fact]
    public async Task Of_an_account_with_a_second_factor_nothing_is_shown_or_merged_before_it_was_shown()
    {
        using var world = await MergeWorld.CreateAsync(identity);
        var (_, recoveryCode) = await world.EnableTotpAsync();
        var organization = await world.OrganizationAsync((world.AbsorbedId, OrganizationRoles.Owner));
        var offer = await world.OfferAsync();
        var page = await world.Browser.ReadAsync(offer);
        using var without = await world.Browser.SubmitAsync(new Browser.Form(page, $"{offer}/code"));
        var token = new Browser.Form(page, $"{offer}/decline").Hidden;
        using var skipped = await world.Browser.Client.PostAsync(new Uri(offer, UriKind.Relative), new FormUrlEncodedContent(token));

        Assert.DoesNotContain(world.Google.Email!, page, StringComparison.Ordinal);
        Assert.DoesNotContain("Acme", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, without.StatusCode);
        Assert.Equal(offer, skipped.Headers.Location?.OriginalString);
        Assert.Equal(OrganizationRoles.Owner, await world.RoleAsync(organization, world.AbsorbedId));

        using var shown = await world.Browser.SubmitAsync(offer, $"{offer}/code", ("code", recoveryCode));
        Assert.Equal(offer, shown.Headers.Location?.OriginalString);
        Assert.Contains(world.Google.Email!, await world.Browser.ReadAsync(offer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_five_wrong_codes_the_offer_is_over()
    {
        using var world = await MergeWorld.CreateAsync(identity);
        await world.EnableTotpAsync();
        var offer = await world.OfferAsync();
        var form = new Browser.Form(await world.Browser.ReadAsync(offer), $"{offer}/code");

        var statuses = new List<HttpStatusCode>();
        for (var attempt = 0; attempt < 7; attempt++)
        {
            using var response = await world.Browser.SubmitAsync(form, ("code", "000000"));
            statuses.Add(response.StatusCode);
        }

        Assert.Equal(HttpStatusCode.UnprocessableEntity, statuses[0]);
        Assert.Equal(HttpStatusCode.BadRequest, statuses[^1]);
        using var over = await world.Browser.GetAsync(offer);
        Assert.Equal(HttpStatusCode.BadRequest, over.StatusCode);
    }

    [Theory]
    [InlineData("locked")]
    [InlineData("deleting")]
    [InlineData("admin")]
    public async Task An_account_that_is_locked_going_or_an_admins_is_not_absorbed(string state)
    {
        using var before = await MergeWorld.CreateAsync(identity);
        await before.ChangeAbsorbedAsync(Change);
        using var refused = await identity.LinkAsync(before.Browser, "google", before.Google);
        using var after = await MergeWorld.CreateAsync(identity);
        var offer = await after.OfferAsync();
        await after.ChangeAbsorbedAsync(Change);
        using var late = await after.AgreeAsync(offer);

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict), (refused.StatusCode, late.StatusCode));
        Assert.Contains("cannot become one", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Null((await after.AbsorbedAsync()).MergedIntoId);
        Assert.Equal(after.AbsorbedId, (await identity.FindAsync("google", after.Google.Subject))!.UserId);

        void Change(User user)
        {
            switch (state)
            {
                case "locked":
                    user.Lock(identity.Clock.GetUtcNow(), "test");
                    break;
                case "deleting":
                    user.RequestDeletion(identity.Clock.GetUtcNow());
                    break;
                default:
                    user.Grant(User.AdminRole);
                    break;
            }
        }
    }

    [Fact]
    public async Task An_offer_is_of_the_session_that_proved_both_and_a_form_of_its_page()
    {
        using var world = await MergeWorld.CreateAsync(identity);
        var offer = await world.OfferAsync();
        using var sameAccount = await identity.SignedInAsync("telegram", world.Telegram);
        using var stranger = await identity.SignedInAsync("google", FakePerson.OfGoogle());
        foreach (var browser in new[] { sameAccount, stranger })
        {
            using var seen = await browser.GetAsync(offer);
            using var page = await browser.GetAsync("/account/links");
            var token = new Browser.Form(await page.Content.ReadAsStringAsync(), "/account/links/apple").Hidden;
            using var agreed = await browser.Client.PostAsync(new Uri(offer, UriKind.Relative), new FormUrlEncodedContent(token));
            Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (seen.StatusCode, agreed.StatusCode));
        }

        using var withoutToken = await world.Browser.Client.PostAsync(new Uri(offer, UriKind.Relative), new FormUrlEncodedContent([]));
        Assert.Equal(HttpStatusCode.BadRequest, withoutToken.StatusCode);
        Assert.Null((await world.AbsorbedAsync()).MergedIntoId);
        using var byOwner = await world.AgreeAsync(offer);
        Assert.Equal("/account/links?done=merged", byOwner.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Both_proofs_must_be_fresh()
    {
        using var world = await MergeWorld.CreateAsync(identity);
        identity.Clock.Advance(TimeSpan.FromMinutes(3));
        var offer = await world.OfferAsync();
        var form = new Browser.Form(await world.Browser.ReadAsync(offer), offer);
        identity.Clock.Advance(TimeSpan.FromMinutes(2) + TimeSpan.FromSeconds(1));

        using var oldSession = await world.Browser.SubmitAsync(form);
        Assert.StartsWith("/account/confirm?returnUrl=", oldSession.Headers.Location?.OriginalString, StringComparison.Ordinal);
        using var confirmed = await identity.SignInAsync(
            world.Browser, "telegram", world.Telegram, $"?purpose=confirm&returnUrl={Uri.EscapeDataString(offer)}");
        Assert.Equal(offer, confirmed.Headers.Location?.OriginalString);
        identity.Clock.Advance(TimeSpan.FromMinutes(3));
        using var oldProof = await world.Browser.SubmitAsync(form);

        Assert.Equal(HttpStatusCode.BadRequest, oldProof.StatusCode);
        Assert.Null((await world.AbsorbedAsync()).MergedIntoId);
    }

    [Fact]
    public async Task An_offer_that_is_declined_or_was_used_works_no_more()
    {
        using var declining = await MergeWorld.CreateAsync(identity);
        var declined = await declining.OfferAsync();
        var form = new Browser.Form(await declining.Browser.ReadAsync(declined), declined);
        using var decline = await declining.Browser.SubmitAsync(declined, $"{declined}/decline");
        using var afterDecline = await declining.Browser.SubmitAsync(form);
        using var world = await MergeWorld.CreateAsync(identity);
        var offer = await world.OfferAsync();
        var again = new Browser.Form(await world.Browser.ReadAsync(offer), offer);
        using var first = await world.Browser.SubmitAsync(again);
        using var replayed = await world.Browser.SubmitAsync(again);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (afterDecline.StatusCode, replayed.StatusCode));
        Assert.Null((await declining.AbsorbedAsync()).MergedIntoId);
    }

    [Fact]
    public async Task Two_tabs_that_agree_at_once_merge_once()
    {
        using var world = await MergeWorld.CreateAsync(identity);
        await world.OrganizationAsync((world.AbsorbedId, OrganizationRoles.Owner), (world.KeptId, OrganizationRoles.Member));
        var offers = new[] { await world.OfferAsync(), await world.OfferAsync() };
        var forms = new List<Browser.Form>();
        foreach (var offer in offers.Append(offers[0]))
        {
            forms.Add(new Browser.Form(await world.Browser.ReadAsync(offer), offer));
        }

        var answers = await Task.WhenAll(forms.Select(form => world.Browser.SubmitAsync(form)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Redirect);
        Assert.Equal(2, answers.Count(answer => answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Conflict));
        Assert.Equal(world.KeptId, (await world.AbsorbedAsync()).MergedIntoId);
    }

    [Fact]
    public async Task Of_two_merges_that_cross_one_happens()
    {
        using var world = await MergeWorld.CreateAsync(identity);
        await world.OrganizationAsync((world.AbsorbedId, OrganizationRoles.Owner));
        await world.OrganizationAsync((world.KeptId, OrganizationRoles.Owner), (world.AbsorbedId, OrganizationRoles.Admin));
        using var other = await identity.SignedInAsync("google", world.Google);
        var offer = await world.OfferAsync();
        using var offered = await identity.LinkAsync(other, "telegram", world.Telegram);
        var crossing = offered.Headers.Location!.OriginalString;
        var form = new Browser.Form(await world.Browser.ReadAsync(offer), offer);
        var otherForm = new Browser.Form(await other.ReadAsync(crossing), crossing);

        var answers = await Task.WhenAll(world.Browser.SubmitAsync(form), other.SubmitAsync(otherForm));

        Assert.Single(answers, answer => answer.Headers.Location?.OriginalString == "/account/links?done=merged");
        var (kept, absorbed) = (await world.KeptAsync(), await world.AbsorbedAsync());
        Assert.Single([kept, absorbed], user => user.MaySignIn);
        var last = kept.MaySignIn ? kept.Id : absorbed.Id;
        Assert.Equal([last, last], await identity.WithDatabaseAsync(db => db.ExternalIdentities
            .Where(link => link.Subject == world.Google.Subject || link.Subject == world.Telegram.Subject).Select(link => link.UserId).ToListAsync()));
        Assert.Equal(2, await identity.WithDatabaseAsync(db => db.Memberships
            .CountAsync(membership => membership.UserId == last && membership.Role == OrganizationRoles.Owner)));
    }

    [Fact]
    public async Task What_is_linked_to_an_account_while_it_is_absorbed_is_not_left_on_what_is_no_more()
    {
        for (var round = 0; round < 5; round++)
        {
            using var world = await MergeWorld.CreateAsync(identity);
            using var other = await identity.SignedInAsync("google", world.Google);
            var apple = FakePerson.OfApple();
            var reply = identity.Providers.Apple.Approve(await ExternalApplication.StartLinkAsync(other, "apple"), apple);
            var offer = await world.OfferAsync();
            var form = new Browser.Form(await world.Browser.ReadAsync(offer), offer);

            await Task.WhenAll(world.Browser.SubmitAsync(form), ExternalApplication.ReturnAsync(other, reply));

            Assert.Equal(world.KeptId, (await world.AbsorbedAsync()).MergedIntoId);
            var linked = await identity.FindAsync("apple", apple.Subject);
            Assert.True(linked is null || linked.UserId == world.KeptId);
        }
    }
}
