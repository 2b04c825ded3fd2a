global using PageResult = Microsoft.AspNetCore.Http.HttpResults.Results<
    Microsoft.AspNetCore.Http.HttpResults.RazorComponentResult, Microsoft.AspNetCore.Http.HttpResults.RedirectHttpResult>;
