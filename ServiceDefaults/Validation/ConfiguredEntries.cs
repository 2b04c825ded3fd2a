using System.Collections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BotGeneric.ServiceDefaults.Validation;

/// <summary>
/// Refuses lists and dictionaries in the configuration of which an entry cannot be read: .NET's binder leaves such an entry out without a word, and with it the limit or
/// the plan that it is about.
/// </summary>
public static class ConfiguredEntries
{
    /// <summary>Looks at each entry of each list or dictionary of objects of the options.</summary>
    /// <typeparam name="T">The options.</typeparam>
    /// <param name="builder">The options' builder.</param>
    /// <param name="section">The section that they are bound to.</param>
    /// <returns>The same builder. An entry with a value of another type or a name that does not exist fails the validation, with its key.</returns>
    public static OptionsBuilder<T> ValidateEntries<T>(this OptionsBuilder<T> builder, string section)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<IValidateOptions<T>>(services =>
            new Validator<T>(builder.Name, services.GetRequiredService<IConfiguration>().GetSection(section)));
        return builder;
    }

    private sealed class Validator<T>(string configured, IConfiguration section) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            if (name != configured)
            {
                return ValidateOptionsResult.Skip;
            }

            var failures = new List<string>();
            foreach (var property in typeof(T).GetProperties())
            {
                if (EntryOf(property.PropertyType) is not { } entry)
                {
                    continue;
                }

                foreach (var child in section.GetSection(property.Name).GetChildren())
                {
                    Read(child, entry, failures);
                }
            }

            return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
        }

        private static void Read(IConfigurationSection entry, Type type, List<string> failures)
        {
            try
            {
                entry.Get(type, binder => binder.ErrorOnUnknownConfiguration = true);
            }
            catch (InvalidOperationException exception)
            {
                failures.Add($"{entry.Path}: {exception.Message}");
            }
        }

        // What is in it, when it holds objects: a text can always be read.
        private static Type? EntryOf(Type type)
        {
            if (type == typeof(string) || !typeof(IEnumerable).IsAssignableFrom(type))
            {
                return null;
            }

            var entry = type.IsArray ? type.GetElementType() : type.GenericTypeArguments is [.., var last] ? last : null;
            return entry is null || entry == typeof(string) ? null : entry;
        }
    }
}
