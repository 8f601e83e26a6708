"""Numbers for test/distributions, by scipy: python3 test/oracle/distributions.py > test/oracle/distributions.json"""
import json, numpy as np
from scipy import stats
import scipy

out = []
def add(name, args, value, f): out.append({"distribution": name, "arguments": args, "value": value, "logDensity": float(f)})
for x,m,v in [(0.3,-1.2,2.5),(100,99.5,0.01),(-7,3,40)]: add("Normal",{"mean":m,"scale":v},x,stats.norm.logpdf(x,m,np.sqrt(v)))
S=[[2.0,0.6,-0.3],[0.6,1.5,0.2],[-0.3,0.2,0.7]]
for x,m in [([0.1,-0.4,1.3],[0,0,0]),([3,2,-5],[1,2.5,-4])]: add("Normal",{"mean":m,"scale":S},x,stats.multivariate_normal.logpdf(x,m,S))
for k in (1,2,3): add("Categorical",{"p":[0.2,0.5,0.3]},k,stats.rv_discrete(values=([1,2,3],[0.2,0.5,0.3])).logpmf(k))
for p,a in [([0.2,0.5,0.3],[1.5,0.7,4]),([0.1,0.1,0.8],[1,1,1]),([0.25,0.25,0.5],[2.5,2.5,2.5])]: add("Dirichlet",{"concentration":a},p,stats.dirichlet.logpdf(p,a))
for x,r in [(0.4,2.0),(30,0.1)]:
    add("Exponential",{"rate":r},x,stats.expon.logpdf(x,scale=1/r)); add("Exponential",{"mean":r},x,stats.expon.logpdf(x,scale=r))
for x,a,b in [(0.4,2.5,3.0),(12,0.5,0.2)]:
    add("Gamma",{"shape":a,"rate":b},x,stats.gamma.logpdf(x,a,scale=1/b)); add("Gamma",{"shape":a,"scale":b},x,stats.gamma.logpdf(x,a,scale=b))
for x,a,b in [(0.4,2.5,3.0),(12,0.5,0.2)]: add("InverseGamma",{"shape":a,"scale":b},x,stats.invgamma.logpdf(x,a,scale=b))
for V,df,P in [([[2,0.5],[0.5,1]],5,[[1,0.2],[0.2,3]]),(S,7.5,[[1,0,0.1],[0,2,0],[0.1,0,1]]),([[0.7]],3,[[2.0]])]:
    add("InverseWishart",{"df":df,"scale":P},V,stats.invwishart.logpdf(np.array(V),df,np.array(P)))
for y,l in [(0,0.5),(4,2.5),(120,100.0)]: add("Poisson",{"rate":l},y,stats.poisson.logpmf(y,l))
for x,a,b in [(0.4,-1.0,2.5),(3,3,4)]: add("Uniform",{"low":a,"high":b},x,stats.uniform.logpdf(x,a,b-a))
add("Uniform",{"low":[0,-1],"high":[2,3]},[0.5,2.9],sum(stats.uniform.logpdf([0.5,2.9],[0,-1],[2,4])))
for x in (0,3.5): add("PointMass",{"value":x},x,stats.rv_discrete(values=([0],[1])).logpmf(0))
for y,p in [(0,0.2),(1,0.35)]:
    add("Bernoulli",{"p":p},y,stats.bernoulli.logpmf(y,p)); add("Bernoulli",{"logits":np.log(p/(1-p))},y,stats.bernoulli.logpmf(y,p))
for y,n,p in [(0,5,0.2),(3,10,0.35),(40,60,0.7)]:
    add("Binomial",{"n":n,"p":p},y,stats.binom.logpmf(y,n,p)); add("Binomial",{"n":n,"logits":np.log(p/(1-p))},y,stats.binom.logpmf(y,n,p))
for x,p in [([2,0,3],[0.2,0.5,0.3]),([7,11,2],[0.3,0.6,0.1])]: add("Multinomial",{"n":sum(x),"p":p},x,stats.multinomial.logpmf(x,sum(x),p))
for y,p in [(0,0.2),(7,0.35)]: add("Geometric",{"p":p},y,stats.geom.logpmf(y+1,p))
for x,a,b in [(0.2,2.0,5.0),(0.93,0.6,0.4)]: add("Beta",{"a":a,"b":b},x,stats.beta.logpdf(x,a,b))
for x,m,v in [(0.4,-1.0,0.5),(9,2,1.5)]: add("LogNormal",{"mean":m,"scale":v},x,stats.lognorm.logpdf(x,np.sqrt(v),scale=np.exp(m)))
for x,m,l in [(0.4,1.5,2.0),(9,3,0.7)]: add("InverseGaussian",{"mean":m,"shape":l},x,stats.invgauss.logpdf(x,m/l,scale=l))
for x,m,b in [(0.4,1.5,2.0),(9,3,0.7)]: add("Laplace",{"mean":m,"scale":b},x,stats.laplace.logpdf(x,m,b))
for x,k,l in [(0.4,1.5,2.0),(9,0.7,3)]: add("Weibull",{"shape":k,"scale":l},x,stats.weibull_min.logpdf(x,k,scale=l))
for x,s in [(0.4,1.5),(9,4.0)]: add("Rayleigh",{"scale":s},x,stats.rayleigh.logpdf(x,scale=s))
for y,m,r in [(0,1.5,2.0),(9,3,0.7),(140,100,12.5)]: add("NegativeBinomial",{"mean":m,"shape":r},y,stats.nbinom.logpmf(y,r,r/(r+m)))
for x,m,k in [(0.4,1.5,2.0),(-3,3,0.7),(1,0.8,55.0)]: add("VonMises",{"mean":m,"concentration":k},x,stats.vonmises.logpdf(x,k,m))
for x,n,m,v in [(0.4,3.5,1.5,2.0),(-9,1,3,0.7)]: add("StudentT",{"df":n,"mean":m,"scale":v},x,stats.t.logpdf(x,n,m,np.sqrt(v)))
add("StudentT",{"df":4.5,"mean":[0,0,0],"scale":S},[0.1,-0.4,1.3],stats.multivariate_t.logpdf([0.1,-0.4,1.3],[0,0,0],S,4.5))
print(json.dumps({"note": f"scipy.stats {scipy.__version__}: logpdf or logpmf of norm(m, sqrt(v)), multivariate_normal, rv_discrete, dirichlet, expon, gamma, invgamma, invwishart, poisson, uniform, bernoulli, binom, multinomial, geom(y + 1), beta, lognorm, invgauss, laplace, weibull_min, rayleigh, nbinom, vonmises, t, multivariate_t; a rv_discrete of one value. A scale of Normal is a variance or a covariance; a category counts from 1.", "points": out}, indent=1))
