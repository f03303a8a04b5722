using Pipeline.Edge.Serving;

namespace Pipeline.Edge.Tests;

public sealed class InferAddressTests
{
    [Theory]
    [InlineData("/v2/models/ocr/infer", "ocr", null)]
    [InlineData("/v2/models/ocr/infer/", "ocr", null)]
    [InlineData("/V2/Models/ocr/INFER", "ocr", null)]
    [InlineData("/v2/models/ocr/versions/3/infer", "ocr", "3")]
    [InlineData("/v2/models/infer/versions/versions/infer", "infer", "versions")]
    public void Address_OfAnInference_IsTakenApart(string path, string model, string? version)
    {
        Assert.True(InferAddress.TryParse(path, out InferAddress address));
        Assert.Equal(model, address.Model.ToString());
        Assert.Equal(version is not null, address.HasVersion);
        if (version is not null) Assert.Equal(version, address.Version.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/v2/models/infer")]
    [InlineData("/v2/models//infer")]
    [InlineData("/v2/models/ocr/infers")]
    [InlineData("/v2/models/ocr/infer//")]
    [InlineData("/v2/models//versions/3/infer")]
    [InlineData("/v2/models/ocr/versions//infer")]
    [InlineData("/v2/models/ocr/versions/infer")]
    [InlineData("/v2/models/ocr/versions/3/4/infer")]
    [InlineData("/v2/models/ocr/version/3/infer")]
    public void Address_OfAnythingElse_IsLeftToTheRouter(string? path) => Assert.False(InferAddress.TryParse(path, out _));
}
