using System.Text.Encodings.Web;
using System.Text.Unicode;
using BotGeneric.WebUi.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.WebUi.Http;

/// <summary>What a process needs to render pages.</summary>
public static class PageServices
{
    /// <summary>Registers server-rendered Razor components without interactivity, and a page for every error.</summary>
    /// <param name="builder">The process being built.</param>
    public static void AddPages(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // In development, files that come while the process runs would be looked for under every path, and a page that takes only forms would be 404 there.
        builder.Configuration["DisableStaticAssetNotFoundRuntimeFallback"] = "true";
        builder.Services.AddRazorComponents();
        // The default writes every Cyrillic letter as a numeric entity, seven bytes for two. Markup characters are escaped all the same.
        builder.Services.AddSingleton(HtmlEncoder.Create(UnicodeRanges.All));
        // The first that can write does. A browser accepts everything at last, so those that write JSON would come before this one.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IProblemDetailsWriter, PageProblemWriter>());
    }
}
