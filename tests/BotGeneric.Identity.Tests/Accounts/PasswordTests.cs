using System.Net;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.Passwords;
using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Accounts.Throttling;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class PasswordTests
{
    [Theory]
    [InlineData("ninechars", PasswordFault.TooShort)]
    [InlineData("", PasswordFault.TooShort)]
    [InlineData("QWERTYuiop", PasswordFault.Common)]
    [InlineData("ｐａｓｓｗｏｒｄ１２３", PasswordFault.Common)]
    [InlineData("пароль1234", PasswordFault.Common)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaa", PasswordFault.Common)]
    [InlineData("anna.kovalenko2026!", PasswordFault.Personal)]
    [InlineData("Bot-Generic1", PasswordFault.Personal)]
    [InlineData("seven brave otters", null)]
    [InlineData("семь смелых выдр", null)]
    [InlineData("🦦🦦🐢🐢🦊🦊🐻🐻🐼🐼", null)]
    public async Task A_password_is_judged_by_length_and_by_what_is_known(string password, PasswordFault? fault) =>
        Assert.Equal(fault, await Rules(new PasswordSettings()).CheckAsync(password, "anna.kovalenko@example.com", "Anna", CancellationToken.None));

    [Fact]
    public async Task A_password_may_have_128_characters_and_no_more()
    {
        var words = string.Concat(Enumerable.Range(0, 64).Select(number => (char)('a' + (number % 26)))) + string.Concat(Enumerable.Repeat("🦦", 64));
        Assert.Null(await Rules(new PasswordSettings()).CheckAsync(words, null, null, CancellationToken.None));
        Assert.Equal(PasswordFault.TooLong, await Rules(new PasswordSettings()).CheckAsync(words + "b", null, null, CancellationToken.None));
    }

    [Fact]
    public void The_list_holds_thousands_in_the_form_in_which_they_are_compared() => Assert.True(CommonPasswords.Count > 5000);

    [Theory]
    [InlineData("0018A45C4D1DEF81644B54AB7F969B88D65:3\r\nSUFFIX:0", false)]
    [InlineData("SUFFIX:17", true)]
    [InlineData("SUFFIX:0", false)]
    public async Task The_range_service_sees_five_characters_and_padding_does_not_count(string answer, bool isBreached)
    {
        const string password = "seven brave otters";
        var hash = Convert.ToHexString(System.Security.Cryptography.SHA1.HashData(System.Text.Encoding.UTF8.GetBytes(password)));
        var service = new RangeService(HttpStatusCode.OK, answer.Replace("SUFFIX", hash[5..], StringComparison.Ordinal));

        Assert.Equal(isBreached, await Breached(service).ContainsAsync(password, CancellationToken.None));

        Assert.Equal($"https://range.example/{hash[..5]}", service.Asked);
        Assert.True(service.WasPadded);
    }

    [Fact]
    public async Task A_range_service_that_fails_keeps_nobody_out() =>
        Assert.False(await Breached(new RangeService(HttpStatusCode.InternalServerError, string.Empty)).ContainsAsync("seven brave otters", CancellationToken.None));

    [Fact]
    public async Task No_more_passwords_are_worked_on_than_allowed_and_the_queue_ends()
    {
        using var gate = new ManualResetEventSlim();
        var hasher = new SlowHasher(gate);
        using var work = new PasswordWork(hasher, Options.Create(new PasswordSettings { Concurrency = 1, MaximumWait = TimeSpan.FromMilliseconds(50) }));
        var first = Task.Run(() => work.HashAsync("first", CancellationToken.None));
        await BotGeneric.Testing.Eventually.EqualAsync(true, () => Task.FromResult(hasher.IsWorking), "the first to be worked on");

        await Assert.ThrowsAsync<PasswordWorkBusyException>(() => work.VerifyAsync(null, "second", CancellationToken.None));

        gate.Set();
        Assert.Equal("hash", await first);
        Assert.Equal(PasswordMatch.No, await work.VerifyAsync(null, "third", CancellationToken.None));
    }

    [Fact]
    public async Task A_weaker_hash_says_so_and_characters_count_however_they_are_typed()
    {
        var weak = new PasswordHasher<User>(Options.Create(new PasswordHasherOptions { IterationCount = 1000 }));
        using var before = new PasswordWork(weak, Options.Create(new PasswordSettings()));
        using var after = new PasswordWork(
            new PasswordHasher<User>(Options.Create(new PasswordHasherOptions { IterationCount = 2000 })), Options.Create(new PasswordSettings()));
        var hash = await before.HashAsync("cafe\u0301 au lait", CancellationToken.None);

        Assert.Equal(PasswordMatch.YesButWeak, await after.VerifyAsync(hash, "caf\u00e9 au lait", CancellationToken.None));
        Assert.Equal(PasswordMatch.Yes, await before.VerifyAsync(hash, "caf\u00e9 au lait", CancellationToken.None));
        Assert.Equal(PasswordMatch.No, await after.VerifyAsync(hash, "cafe au lait", CancellationToken.None));
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(5, 2)]
    [InlineData(6, 4)]
    [InlineData(10, 64)]
    [InlineData(11, 120)]
    [InlineData(1000, 120)]
    public void The_wait_doubles_and_has_an_end(long attempts, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ThrottleRule.Account.DelayAfter(attempts));

    [Theory]
    [InlineData("anna@example.com", true)]
    [InlineData(" anna+tag@sub.example.co ", true)]
    [InlineData("анна@пример.укр", true)]
    [InlineData("anna", false)]
    [InlineData("anna@", false)]
    [InlineData("@example.com", false)]
    [InlineData("anna@example", false)]
    [InlineData("anna@@example.com", false)]
    [InlineData("anna@exa mple.com", false)]
    [InlineData("anna@example.com\r\nBcc: x@example.com", false)]
    [InlineData("a@b.c,d@e.f", false)]
    [InlineData("Anna <anna@example.com>", false)]
    public void An_address_is_told_from_other_texts(string text, bool isAddress) => Assert.Equal(isAddress, EmailAddress.TryRead(text, out _));

    [Theory]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0", "Edge, Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile Safari/604.1", "Safari, iOS")]
    [InlineData("", "?")]
    public void A_browser_is_named_as_people_know_it(string userAgent, string name) => Assert.Equal(name, BrowserName.Of(userAgent).ToString());

    private static PasswordRules Rules(PasswordSettings settings) => new(
        new BreachedPasswords(new HttpClient(), Options.Create(settings), NullLogger<BreachedPasswords>.Instance), Options.Create(settings));

    private static BreachedPasswords Breached(RangeService service) => new(
        new HttpClient(service), Options.Create(new PasswordSettings { RangeService = new Uri("https://range.example/") }), NullLogger<BreachedPasswords>.Instance);

    private sealed class RangeService(HttpStatusCode status, string answer) : HttpMessageHandler
    {
        public string? Asked { get; private set; }

        public bool WasPadded { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = request.RequestUri?.ToString();
            WasPadded = request.Headers.Contains("Add-Padding");
            return Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(answer) });
        }
    }

    private sealed class SlowHasher(ManualResetEventSlim gate) : IPasswordHasher<User>
    {
        private volatile bool _isWorking;
        private bool _isReady;

        public bool IsWorking => _isWorking;

        public string HashPassword(User user, string password)
        {
            // The first hash is the one that stands in for nobody's.
            if (_isReady)
            {
                _isWorking = true;
                gate.Wait();
            }

            _isReady = true;
            return "hash";
        }

        public PasswordVerificationResult VerifyHashedPassword(User user, string hashedPassword, string providedPassword) => PasswordVerificationResult.Success;
    }
}
