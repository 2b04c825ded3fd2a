using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace BotGeneric.Simulators.SignIn;

/// <summary>Who has an account with one provider.</summary>
/// <param name="provider">The provider's name.</param>
public sealed partial class TestPeople(string provider)
{
    private const int Capacity = 500;
    private const int MaximumText = 200;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, TestPerson> _people = Seed(provider);

    /// <summary>Everybody, in the order of registration.</summary>
    /// <returns>A copy.</returns>
    public TestPerson[] All()
    {
        lock (_lock)
        {
            return [.. _people.Values];
        }
    }

    /// <summary>Finds somebody.</summary>
    /// <param name="key">The person's key.</param>
    /// <returns>The person; null when there is none.</returns>
    public TestPerson? Find(string key)
    {
        lock (_lock)
        {
            return _people.GetValueOrDefault(key);
        }
    }

    /// <summary>Registers somebody, or changes who it is.</summary>
    /// <param name="key">The person's key.</param>
    /// <param name="request">Who it is.</param>
    /// <returns>The person; null when there are 500 already.</returns>
    public TestPerson? Put(string key, PersonRequest request)
    {
        var person = TestPerson.Create(provider, key, request);
        lock (_lock)
        {
            if (_people.Count >= Capacity && !_people.ContainsKey(key))
            {
                return null;
            }

            _people[key] = person;
            return person;
        }
    }

    /// <summary>Registers somebody who was invented on a page. The same name is the same person again, also after a restart.</summary>
    /// <param name="request">Who it is.</param>
    /// <returns>The person; null when there are 500 already.</returns>
    public TestPerson? Invent(PersonRequest request)
    {
        var slug = NotInKeys().Replace($"{request.GivenName}-{request.FamilyName}".ToLowerInvariant(), "-").Trim('-');
        if (slug.Length is 0 or > 60)
        {
            // A name in another script.
            slug = "person-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{request.GivenName} {request.FamilyName}")))[..12];
        }

        return Put(slug, request);
    }

    /// <summary>Removes somebody.</summary>
    /// <param name="key">The person's key.</param>
    /// <returns>Whether there was one.</returns>
    public bool Remove(string key)
    {
        lock (_lock)
        {
            return _people.Remove(key);
        }
    }

    /// <summary>Goes back to those of the start.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _people.Clear();
            foreach (var (key, person) in Seed(provider))
            {
                _people.Add(key, person);
            }
        }
    }

    /// <summary>What is wrong with a request to register somebody, by field; null when nothing is.</summary>
    /// <param name="key">The person's key.</param>
    /// <param name="request">Who it is to be.</param>
    /// <returns>The field and what is wrong with it.</returns>
    internal static (string Field, string Error)? Check(string key, PersonRequest request)
    {
        if (!KeyShape().IsMatch(key))
        {
            return ("key", "1 to 64 lower-case letters, digits and hyphens.");
        }

        if (string.IsNullOrWhiteSpace(request.GivenName))
        {
            return ("givenName", "Must not be empty.");
        }

        if (new[] { request.GivenName, request.FamilyName, request.Email, request.Username, request.PhoneNumber, request.Locale, request.Subject }
            .Any(text => text?.Length > MaximumText))
        {
            return ("givenName", $"No text may be longer than {MaximumText} characters.");
        }

        return request.Email is { } email && !email.Contains('@', StringComparison.Ordinal) ? ("email", "An address has an at sign.") : null;
    }

    private static OrderedDictionary<string, TestPerson> Seed(string provider)
    {
        var people = new OrderedDictionary<string, TestPerson>(StringComparer.Ordinal);
        Add("anna", new PersonRequest("Anna", "Nova", Username: "anna_nova", PhoneNumber: "380500000001"));
        Add("boris", new PersonRequest("Boris", "Hidden", HideEmail: true, Username: "boris_h", Locale: "ru"));
        Add("vira", new PersonRequest("Vira", EmailVerified: provider == SignInProviders.Apple, Locale: "uk"));
        return people;

        void Add(string key, PersonRequest request) => people.Add(key, TestPerson.Create(provider, key, request));
    }

    [GeneratedRegex("^[a-z0-9-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex KeyShape();

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex NotInKeys();
}
