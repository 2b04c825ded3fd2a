using BotGeneric.Contracts;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Domain;
using BotGeneric.Policy.Policies;
using CsCheck;

namespace BotGeneric.Policy.Tests;

/// <summary>What is made of policies, plans, overrides, grants and standings for one caller.</summary>
public sealed class PolicyCompilerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Scopes = ["platform", "plan", "organization", "user"];
    private static readonly Guid Organization = Guid.Parse("0192f0c1-0000-7000-8000-000000000001");
    private static readonly Guid Person = Guid.Parse("0192f0c1-0000-7000-8000-000000000002");
    private static readonly CompilerSettings Settings = new([new Entitlement(Meters.Requests, LimitWindows.Day, 50)], FailureMode.Deny, 0);

    [Fact]
    public void Without_anything_the_free_allowance_holds()
    {
        var account = Compile(Self()).Account;

        var limit = Assert.Single(account.Limits);
        Assert.Equal(("plan:llm.requests:day", "plan", LimitScope.Plan, LimitKind.Quota, 50L, "a"), (limit.Code, limit.Policy, limit.Scope, limit.Kind, limit.Maximum, limit.Target));
        Assert.Equal((AccountStanding.Active, null), (account.Standing, account.Period));
    }

    [Fact]
    public void The_most_generous_entitlement_of_a_meter_and_window_holds()
    {
        var result = Compile(Self(), SubjectFacts.None with { Plans = [Plan(20), Plan(1000), Plan(5000, grantsAccess: false)] });
        Assert.Equal([1000L], result.Account.Limits.Select(limit => limit.Maximum));
        Assert.Equal(["pro"], result.Account.Plans);
    }

    [Fact]
    public void All_scopes_hold_together_and_a_person_is_never_left_out_because_of_an_organization()
    {
        ReadPolicy[] policies =
        [
            Quota("a-platform", "platform", 1), Quota("b-plan", "plan", 2), Quota("c-organization", "organization", 3), Quota("d-user", "user", 4), Quota("e-key", "apiKey", 5),
        ];

        var account = Compile(new PolicySubject(Organization, Person, "k1"), policies: policies).Account;

        Assert.Equal(["p"], account.PlatformLimits.Select(limit => limit.Target));
        Assert.Equal(
            [("a", 2L), ("a", 3L), ($"u{Person:N}", 4L), ("kk1", 5L)],
            account.Limits.Select(limit => (limit.Target, limit.Maximum)));
    }

    [Fact]
    public void A_person_who_is_left_out_of_a_call_for_the_own_account_is_held_to_the_own_limits_all_the_same()
    {
        ReadPolicy[] policies = [Quota("organization", "organization", 3), Quota("user", "user", 4)];

        var alone = Compile(new PolicySubject(Person, null, null), policies: policies).Account;
        var organization = Compile(new PolicySubject(Organization, null, null), SubjectFacts.None with { IsOrganization = true }, policies).Account;

        Assert.Equal(["plan:llm.requests:day", "user/l"], alone.Limits.Select(limit => limit.Code));
        Assert.Equal(["plan:llm.requests:day", "organization/l"], organization.Limits.Select(limit => limit.Code));
    }

    [Fact]
    public void Of_one_scope_the_higher_priority_holds_and_a_policy_before_an_entitlement_and_a_shadow_beside_both()
    {
        var result = Compile(Self(), policies:
        [
            Quota("high", "plan", 5, ""","priority":10"""), Quota("low", "plan", 500), Quota("shadow", "plan", 1, ""","priority":99,"mode":"shadow" """),
        ]);

        Assert.Equal([("high/l", false), ("shadow/l", true)], result.Account.Limits.Select(limit => (limit.Code, limit.IsShadow)));
        Assert.Equal([("plan:llm.requests:day", "high/l"), ("low/l", "high/l")], result.LeftOut.Select(left => (left.Code, left.InFavourOf!)));
    }

    [Fact]
    public void A_selector_is_met_by_those_whom_it_names()
    {
        ReadPolicy[] policies =
        [
            Quota("free", "plan", 1, ""","selector":{"plans":["free"]}"""),
            Quota("pro", "plan", 2, ""","selector":{"plans":["pro","team"]}"""),
            Quota("user", "user", 3, $$""","selector":{"users":["{{Person}}"],"accounts":["{{Organization}}"]}"""),
        ];

        Assert.Equal(["free/l"], Codes(new PolicySubject(Organization, Guid.NewGuid(), null), SubjectFacts.None));
        Assert.Equal(["pro/l", "user/l"], Codes(new PolicySubject(Organization, Person, null), SubjectFacts.None with { Plans = [Plan(10)] }));
        Assert.Equal(["free/l"], Codes(new PolicySubject(Person, Person, null), SubjectFacts.None));

        IEnumerable<string> Codes(PolicySubject subject, SubjectFacts facts) => Compile(subject, facts, policies).Account.Limits.Select(limit => limit.Code);
    }

    [Fact]
    public void An_override_replaces_the_maximum_and_the_more_particular_and_the_later_one_counts()
    {
        ReadPolicy[] policies = [Quota("user", "user", 4)];
        var subject = new PolicySubject(Organization, Person, null);
        LimitOverride[] overrides =
        [
            Override("user/l", 100, createdAt: Now.AddDays(-1)), Override("user/l", 200, createdAt: Now.AddDays(-2)), Override("user/l", 7, user: Guid.NewGuid()),
            Override("plan:llm.requests:day", null), Override("plan:llm.output_tokens:month", 9), Override("gone/l", 1),
        ];

        var general = Compile(subject, SubjectFacts.None with { Overrides = overrides }, policies);
        var particular = Compile(subject, SubjectFacts.None with { Overrides = [.. overrides, Override("user/l", 8, user: Person, createdAt: Now.AddDays(-9))] }, policies);

        Assert.Equal([("user/l", "user", 100L), ("plan:llm.output_tokens:month", "override", 9L)], general.Account.Limits.Select(limit => (limit.Code, limit.Policy, limit.Maximum)));
        Assert.Equal(4, general.Sources[0].Original);
        Assert.Equal([("plan:llm.requests:day", null)], general.LeftOut.Select(left => (left.Code, left.InFavourOf)));
        Assert.Equal(8, particular.Account.Limits[0].Maximum);
        Assert.Equal(policies[0].Limits[0].Maximum, Compile(new PolicySubject(Person, Person, null), policies: policies).Account.Limits[1].Maximum);
    }

    [Fact]
    public void An_override_that_removes_a_limit_does_not_bring_back_the_one_that_lost_to_it()
    {
        ReadPolicy[] policies = [Quota("high", "plan", 5, ""","priority":10"""), Quota("low", "plan", 1)];
        Assert.Empty(Compile(Self(), SubjectFacts.None with { Overrides = [Override("high/l", null)] }, policies).Account.Limits);
    }

    [Fact]
    public void What_begins_and_ends_is_compiled_for_now_with_the_time_when_it_changes()
    {
        ReadPolicy[] policies =
        [
            Quota("over", "plan", 1, ""","priority":3,"effectiveTo":"2026-01-15T12:00:00Z" """), Quota("now", "plan", 2, ""","priority":2,"effectiveTo":"2026-01-20T00:00:00Z" """),
            Quota("later", "plan", 3, ""","priority":9,"effectiveFrom":"2026-01-18T00:00:00Z" """),
        ];

        var result = Compile(Self(), SubjectFacts.None with { Overrides = [Override("now/l", 7, from: Now.AddDays(1))] }, policies);

        Assert.Equal([2L], result.Account.Limits.Select(limit => limit.Maximum));
        Assert.Equal(Now.AddDays(1), result.Until);
        Assert.Equal("later/l", Compile(Self(), policies: policies, at: new DateTimeOffset(2026, 1, 18, 0, 0, 0, TimeSpan.Zero)).Account.Limits[0].Code);
    }

    [Fact]
    public void The_rule_that_decides_first_is_of_the_highest_priority_then_of_the_narrowest_scope_then_the_first_of_its_policy()
    {
        ReadPolicy[] policies =
        [
            Rules("a", "platform", ""","priority":5"""), Rules("b", "platform"), Rules("c", "user"), Rules("d", "apiKey"),
        ];

        var access = Compile(new PolicySubject(Person, Person, null), policies: policies).Account.Access;

        Assert.Equal(["a+", "a-", "c+", "c-", "b+", "b-"], access.Select(rule => rule.Policy + (rule.IsAllowed ? '+' : '-')));
    }

    [Fact]
    public void Credits_are_used_by_priority_then_the_one_that_ends_first_then_the_oldest()
    {
        CreditGrant[] grants =
        [
            Grant(1, priority: 2), Grant(2), Grant(3, createdAt: Now.AddDays(-5)), Grant(4, to: Now.AddDays(9)), Grant(5, to: Now.AddDays(3)), Grant(6, to: Now), Grant(7, from: Now.AddDays(2)),
        ];

        var result = Compile(Self(), SubjectFacts.None with { Grants = grants });

        Assert.Equal([5_000_000_000, 4_000_000_000, 3_000_000_000, 2_000_000_000, 1_000_000_000], result.Account.Grants.Select(grant => grant.Amount));
        Assert.Equal(Now.AddDays(2), result.Until);
    }

    [Theory]
    [InlineData(6, AccountStanding.Active)]
    [InlineData(7, AccountStanding.PastDue)]
    public void A_payment_that_is_missing_beyond_the_grace_stops_the_account(int days, AccountStanding expected)
    {
        var plan = PlanGrant.From(Changes.Of(Person, Now, 1000) with { Status = SubscriptionStatuses.PastDue, PastDueSince = Now, GraceEndsAt = Now.AddDays(7) });
        var at = Now.AddDays(days);

        var result = Compile(Self(), SubjectFacts.None with { Plans = [plan] }, at: at);

        Assert.Equal(expected, result.Account.Standing);
        Assert.Equal(expected == AccountStanding.Active ? 1000 : 50, result.Account.Limits[0].Maximum);
        Assert.Equal(AccountStanding.Active, Compile(Self(), SubjectFacts.None with { Plans = [plan, Plan(60)] }, at: at).Account.Standing);
    }

    [Fact]
    public void The_worst_standing_of_the_account_and_the_person_counts_for_as_long_as_it_holds()
    {
        AccountState[] states = [State(Organization, AccountStanding.PastDue, null), State(Person, AccountStanding.Banned, Now.AddDays(2)), State(Organization, AccountStanding.Banned, Now.AddDays(1))];

        var now = Compile(new PolicySubject(Organization, Person, null), SubjectFacts.None with { States = states });
        var later = Compile(new PolicySubject(Organization, Person, null), SubjectFacts.None with { States = states }, at: Now.AddDays(2));

        Assert.Equal((AccountStanding.Banned, Now.AddDays(2), Now.AddDays(1)), (now.Account.Standing, now.Account.StandingUntil!.Value, now.Until!.Value));
        Assert.Equal((AccountStanding.PastDue, null), (later.Account.Standing, later.Account.StandingUntil));
    }

    [Fact]
    public void Whatever_is_set_the_rules_hold()
    {
        var policy = Gen.Select(Gen.Int[0, 3].Select(index => Scopes[index]), Gen.Int[0, 3], Gen.Int[1, 40], Gen.Bool, Gen.Int[-2, 2], Gen.Int[0, 3]);
        Gen.Select(policy.List[0, 8], Gen.Int[0, 100].Array[0, 3], Gen.Int[-1, 60]).Sample((drafts, plans, raised) =>
        {
            var policies = drafts.Select((draft, index) => Quota(
                $"p{index}", draft.Item1, draft.Item3,
                $$""","priority":{{draft.Item2}},"mode":"{{(draft.Item4 ? "shadow" : "enforced")}}","effectiveFrom":"{{Now.AddDays(draft.Item5):O}}","effectiveTo":"{{Now.AddDays(draft.Item5 + draft.Item6 + 1):O}}" """)).ToList();
            var facts = SubjectFacts.None with { Plans = [.. plans.Select(limit => Plan(limit))], Overrides = raised < 0 ? [] : [Override("p0/l", raised)] };
            var result = Compile(new PolicySubject(Organization, Person, null), facts, policies);

            var all = result.Account.Limits.Concat(result.Account.PlatformLimits).ToList();
            var inForce = policies.Where(one => one.IsEffective(Now)).ToList();
            // At most one of each scope and weight, and the one that a plain reading of the rules finds.
            foreach (var scope in Enum.GetValues<LimitScope>())
            {
                foreach (var shadow in (bool[])[false, true])
                {
                    var found = all.Where(limit => limit.Scope == scope && limit.IsShadow == shadow).ToList();
                    var best = inForce.Where(one => one.Terms.Scope == scope && one.IsShadow == shadow).OrderByDescending(one => one.Terms.Priority).ThenByDescending(one => one.Limits[0].Maximum).FirstOrDefault();
                    long? expected = best is null
                        ? scope == LimitScope.Plan && !shadow ? plans.Append(50).Max() : null
                        : best.Code == "p0" && raised >= 0 && scope != LimitScope.Platform ? raised : best.Limits[0].Maximum;
                    // Equal in priority and maximum but for the override: either may win.
                    var twins = inForce.Count(one => best is not null && one.Terms.Scope == scope && one.IsShadow == shadow
                        && one.Terms.Priority == best.Terms.Priority && one.Limits[0].Maximum == best.Limits[0].Maximum);
                    if (found.Count > 1 || (twins < 2 && found.SingleOrDefault()?.Maximum != expected))
                    {
                        return false;
                    }
                }
            }

            // Nothing changes before it says so.
            var next = result.Until ?? Now.AddDays(30);
            var justBefore = Compile(new PolicySubject(Organization, Person, null), facts, policies, next.AddTicks(-1));
            return justBefore.Account.Limits.Select(limit => (limit.Code, limit.Maximum)).SequenceEqual(result.Account.Limits.Select(limit => (limit.Code, limit.Maximum)));
        });
    }

    private static PolicySubject Self() => new(Person, Person, null);

    private static CompiledResult Compile(PolicySubject subject, SubjectFacts? facts = null, IReadOnlyList<ReadPolicy>? policies = null, DateTimeOffset? at = null) =>
        PolicyCompiler.Compile(subject, facts ?? SubjectFacts.None, policies ?? [], Settings, at ?? Now);

    private static ReadPolicy Quota(string code, string scope, long maximum, string more = "") => PolicyReaderTests.Read(
        code,
        $$"""{"scope":"{{scope}}","document":{"limits":[{"code":"l","kind":"quota","unit":"llm.requests","maximum":"{{maximum}}","window":"day"}]}{{more}}}""");

    private static ReadPolicy Rules(string code, string scope, string more = "") => PolicyReaderTests.Read(
        code, $$"""{"scope":"{{scope}}","document":{"access":[{"allow":true,"model":"m1"},{"allow":false}]}{{more}}}""");

    private static PlanGrant Plan(long limit, string status = SubscriptionStatuses.Active, DateTimeOffset? at = null, bool grantsAccess = true) =>
        PlanGrant.From(Changes.Of(Person, at ?? Now, limit, grantsAccess) with { Status = status });

    private static LimitOverride Override(string limit, decimal? maximum, Guid? user = null, DateTimeOffset? createdAt = null, DateTimeOffset? from = null) => new()
    {
        Id = Guid.CreateVersion7(),
        AccountId = Organization,
        UserId = user,
        LimitCode = limit,
        Maximum = maximum,
        EffectiveFrom = from ?? Now.AddDays(-10),
        Reason = "test",
        CreatedBy = "test",
        CreatedAt = createdAt ?? Now,
    };

    private static CreditGrant Grant(decimal amount, int priority = 1, DateTimeOffset? from = null, DateTimeOffset? to = null, DateTimeOffset? createdAt = null) => new()
    {
        Id = Guid.CreateVersion7(),
        AccountId = Person,
        Unit = "USD",
        Amount = amount,
        Priority = priority,
        EffectiveFrom = from ?? Now.AddDays(-1),
        ExpiresAt = to,
        Reason = "test",
        CreatedBy = "test",
        CreatedAt = createdAt ?? Now,
    };

    private static AccountState State(Guid account, AccountStanding standing, DateTimeOffset? until) =>
        new() { AccountId = account, Standing = standing, Until = until, Reason = "test", SetBy = "test", SetAt = Now };
}
